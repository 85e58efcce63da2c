"""Asks every window of these programs to close, as the cross in its frame does. There is no window manager in a test that would."""

import sys

from Xlib import X, display
from Xlib.protocol import event

screen = display.Display()
closing, protocols, owner = (screen.intern_atom(name) for name in ("WM_DELETE_WINDOW", "WM_PROTOCOLS", "_NET_WM_PID"))
asked = 0
for window in screen.screen().root.query_tree().children:
    of = window.get_full_property(owner, X.AnyPropertyType)
    shown = window.get_attributes().map_state == X.IsViewable
    if of and shown and str(of.value[0]) in sys.argv[1:]:
        message = event.ClientMessage(window=window, client_type=protocols, data=(32, [closing, X.CurrentTime, 0, 0, 0]))
        window.send_event(message)
        asked += 1
screen.flush()
screen.sync()
sys.exit(0 if asked else "no window to close")
