"""The bench's card by reportlab and fpdf2 with qrcode, as somebody would write it who has an afternoon."""

import os
import resource
import sys
import time

import qrcode
from fpdf import FPDF
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen import canvas

fonts, cards, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
FACES = {
    "Regular": "AtkinsonHyperlegibleNext-Regular.ttf",
    "Bold": "AtkinsonHyperlegibleNext-Bold.ttf",
    "Code": "AtkinsonHyperlegibleMono-Bold.ttf",
}
# font, size in mm, x, y from the card's top
COMMON = [
    ("Bold", 3.5, 5, 7.5, "Harbour Street Salon"),
    ("Regular", 3.0, 5, 15.5, "A gift from a friend"),
    ("Bold", 6.4, 5, 21.5, "15% off your"),
    ("Bold", 6.4, 5, 28.7, "first order"),
    ("Regular", 2.2, 5, 40, "Recommended by"),
    ("Regular", 2.1, 5, 50, "Valid until 31 December 2027."),
    ("Regular", 2.3, 58, 33, "Scan, or say this code"),
]


def code(n):
    return f"{n:04d}-{(n * 7919) % 10000:04d}"


def matrix(n):
    qr = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=0)
    qr.add_data(f"counterfoil:{code(n)}?batch=1")
    qr.make(fit=True)
    return qr.get_matrix()


def place(n):
    return 15 + (n % 10 % 2) * 95, 11 + (n % 10 // 2) * 55


def by_reportlab(path):
    for name, file in FACES.items():
        pdfmetrics.registerFont(TTFont(name, os.path.join(fonts, file)))
    c = canvas.Canvas(path, pagesize=(210 * mm, 297 * mm), pageCompression=1)
    for n in range(cards):
        if n and n % 10 == 0:
            c.showPage()
        x, y = place(n)
        c.setFillColorRGB(0.055, 0.353, 0.294)
        c.rect((x + 54) * mm, (297 - y - 55) * mm, 31 * mm, 55 * mm, stroke=0, fill=1)
        c.setFillColorRGB(1, 1, 1)
        c.rect((x + 57.6) * mm, (297 - y - 30) * mm, 23.8 * mm, 23.8 * mm, stroke=0, fill=1)
        c.setFillColorRGB(0.1, 0.1, 0.1)
        own = [("Bold", 3.7, 5, 44, f"Person {n:06d} Whitfield"), ("Code", 4.4, 58, 38, code(n))]
        for font, size, dx, dy, text in COMMON + own:
            c.setFont(font, size * mm)
            c.drawString((x + dx) * mm, (297 - y - dy) * mm, text)
        rows = matrix(n)
        module = 23.8 / (len(rows) + 8)
        path_ = c.beginPath()
        for j, row in enumerate(rows):
            i = 0
            while i < len(row):
                k = i
                while k < len(row) and row[k]:
                    k += 1
                if k > i:
                    path_.rect((x + 57.6 + (i + 4) * module) * mm, (297 - y - 6.2 - (j + 5) * module) * mm, (k - i) * module * mm, module * mm)
                i = k + 1
        c.drawPath(path_, stroke=0, fill=1)
    c.save()


def by_fpdf2(path):
    pdf = FPDF(unit="mm", format="A4")
    pdf.set_auto_page_break(False)
    for name, file in FACES.items():
        pdf.add_font(name, fname=os.path.join(fonts, file))
    for n in range(cards):
        if n % 10 == 0:
            pdf.add_page()
        x, y = place(n)
        pdf.set_fill_color(14, 90, 75)
        pdf.rect(x + 54, y, 31, 55, style="F")
        pdf.set_fill_color(255, 255, 255)
        pdf.rect(x + 57.6, y + 6.2, 23.8, 23.8, style="F")
        pdf.set_fill_color(26, 26, 26)
        own = [("Bold", 3.7, 5, 44, f"Person {n:06d} Whitfield"), ("Code", 4.4, 58, 38, code(n))]
        for font, size, dx, dy, text in COMMON + own:
            pdf.set_font(font, size=size / 25.4 * 72)
            pdf.text(x + dx, y + dy, text)
        rows = matrix(n)
        module = 23.8 / (len(rows) + 8)
        for j, row in enumerate(rows):
            i = 0
            while i < len(row):
                k = i
                while k < len(row) and row[k]:
                    k += 1
                if k > i:
                    pdf.rect(x + 57.6 + (i + 4) * module, y + 6.2 + (j + 4) * module, (k - i) * module, module, style="F")
                i = k + 1
    pdf.output(path)


for name, draw in (("reportlab + qrcode", by_reportlab), ("fpdf2 + qrcode", by_fpdf2)):
    out = os.path.join(folder, name.split()[0] + ".pdf")
    started = time.perf_counter()
    draw(out)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name} ({cards} cards): {cards / seconds:.0f} cards a second, {os.path.getsize(out) / cards:.0f} bytes a card, {peak:.0f} MiB so far")
