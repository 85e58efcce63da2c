//! Measures of a ticket, lying or standing, in each template. Everything on a card is placed by them.

use super::layout::{Area, LINE_HIGH};
use super::qr::{Modules, QUIET_MODULES};
use super::template::Template;
use super::text::Room;

/// Five points: smaller type nobody reads.
const EM_MM_MIN: f64 = 5.0 * 25.4 / 72.0;

/// Measures of a ticket.
pub(super) struct Ticket {
    /// The ticket itself, inside its paper.
    pub area: Area,
    /// Where it is torn: the stub's left or upper edge.
    pub tear: f64,
    /// Free space inside every edge.
    pub pad: f64,
    /// One step of type: all sizes are so many of it.
    pub step: f64,
    /// Whether the stub is filled with the accent.
    pub filled: bool,
    /// Whether the stub is below and not at the right.
    pub standing: bool,
    /// Lines of small print, where there is room for them, and their smallest type in steps.
    pub foot: (usize, f64),
}

impl Ticket {
    pub fn of(template: Template) -> Ticket {
        let (width, height) = template.size();
        let whole = Area { x: 0.0, y: 0.0, width, height };
        let inset = |by: f64| Area { x: by, y: by, width: width - 2.0 * by, height: height - 2.0 * by };
        // Six points on a card, for smaller type is not read by those who most need it.
        let lying = |stub: f64, pad: f64, step: f64, filled: bool| Ticket {
            area: whole,
            tear: width - stub,
            pad,
            step,
            filled,
            standing: false,
            foot: (3, 1.9),
        };
        match template {
            Template::BusinessCard | Template::PerforatedC32011 => lying(31.0, 5.0, 1.0, true),
            Template::Perforated5371 => lying(31.0, 4.6, 0.96, true),
            Template::TableTent => Ticket { foot: (5, 1.15), ..lying(56.0, 9.0, 1.84, true) },
            Template::Label62 | Template::LabelL7160 => lying(25.0, 3.0, 0.78, false),
            // Ink stops before the edge, for few printers reach it.
            Template::FlyerA6 => Ticket { area: inset(5.0), tear: 88.0, pad: 8.0, step: 1.62, filled: true, standing: true, foot: (4, 1.15) },
            Template::PosterA4 => Ticket { area: inset(10.0), tear: 176.0, pad: 16.0, step: 3.24, filled: true, standing: true, foot: (4, 1.15) },
        }
    }

    /// Where the message stands.
    pub fn message(&self) -> Area {
        let Area { x, y, width, height } = self.area;
        match self.standing {
            true => Area { x: x + self.pad, y: y + self.pad, width: width - 2.0 * self.pad, height: self.tear - y - 2.0 * self.pad },
            false => Area { x: x + self.pad, y: y + self.pad, width: self.tear - x - 1.7 * self.pad, height: height - 2.0 * self.pad },
        }
    }

    /// Where the code stands.
    pub fn stub(&self) -> Area {
        let Area { x, y, width, height } = self.area;
        let pad = self.pad * 0.72;
        match self.standing {
            true => Area { x: x + self.pad, y: self.tear + self.pad, width: width - 2.0 * self.pad, height: y + height - self.tear - 1.7 * self.pad },
            false => Area { x: self.tear + pad, y: y + pad, width: x + width - self.tear - 2.0 * pad, height: height - 2.0 * pad },
        }
    }

    /// Of a standing ticket's stub, what is beside the QR code, or all its width where there is none; as high as the dark of the code.
    pub fn beside(&self, modules: Option<&Modules>) -> Area {
        let stub = self.stub();
        let side = self.qr_side();
        match modules {
            Some(modules) => {
                let off = side + self.pad * 0.6;
                Area { x: stub.x + off, width: stub.width - off, height: self.module(modules) * f64::from(modules.width), ..stub }
            }
            None => Area { height: side, ..stub },
        }
    }

    /// Below a standing ticket's QR code, where its small print stands.
    pub fn foot(&self) -> Area {
        let Area { x, y, width, .. } = self.stub();
        let top = y + self.qr_side() + self.step;
        Area { x, y: top, width, height: self.area.y + self.area.height - 0.5 * self.pad - top }
    }

    /// Room for text of this size, in steps, as high as it likes.
    pub fn room(&self, width: f64, size: f64, size_min: f64, lines: usize) -> Room {
        let [size, size_min] = [size, size_min].map(|size| (size * self.step).max(EM_MM_MIN));
        Room { width, high: f64::INFINITY, leading: 1.2, size, wrapped: size, size_min, lines }
    }

    /// Room for a name: where it needs two lines, both are smaller than one would be.
    pub fn name_room(&self, width: f64) -> Room {
        let (size, size_min) = if self.standing { (4.0, 1.7) } else { (3.7, 2.2) };
        Room { wrapped: 2.85 * self.step, leading: 1.15, ..self.room(width, size, size_min, 2) }
    }

    /// Room for what stands above a name.
    pub fn recommended_room(&self, width: f64) -> Room {
        self.room(width, if self.standing { 2.3 } else { 2.2 }, 1.8, 1)
    }

    /// Room for the small print.
    pub fn foot_room(&self, width: f64, high: f64) -> Room {
        let (lines, size_min) = self.foot;
        Room { high, leading: 1.25, ..self.room(width, 2.1, size_min, lines) }
    }

    /// How high a name in two lines stands, with what stands above it and the gap between them.
    pub fn name_high(&self) -> f64 {
        let name = self.name_room(0.0);
        self.recommended_room(0.0).size * LINE_HIGH + self.name_gap() + name.wrapped * (LINE_HIGH + name.leading)
    }

    /// Between a name and what stands above it.
    pub fn name_gap(&self) -> f64 {
        0.9 * self.step
    }

    /// Room for a link, to be read and typed.
    pub fn link_room(&self, width: f64) -> Room {
        match self.standing {
            true => Room { leading: 1.15, ..self.room(width, 2.9, 1.6, 3) },
            false => self.room(width, 2.3, 1.7, 3),
        }
    }

    /// Width and height of the QR code: with its quiet zone where the ticket lies, with one side of it where the ticket stands, for
    /// there the other side is the paper around it.
    pub fn qr_side(&self) -> f64 {
        let stub = self.stub();
        if self.standing { stub.height - 5.8 * self.step } else { stub.width.min(stub.height - 7.5 * self.step) }
    }

    /// How wide a module of this code is.
    pub fn module(&self, modules: &Modules) -> f64 {
        let quiet = if self.standing { QUIET_MODULES } else { 2 * QUIET_MODULES };
        self.qr_side() / (f64::from(modules.width) + quiet as f64)
    }
}
