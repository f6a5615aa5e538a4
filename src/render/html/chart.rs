//! What both time lines share: a row of name, drawing and words. All text is HTML, so that it wraps on a phone and is
//! read aloud; the drawing holds shapes only, placed in per cent, and repeats what the words say.

use chrono::{DateTime, Utc};

use super::markup::Markup;

/// The stretch of time that is drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    pub(super) from: DateTime<Utc>,
    pub(super) to: DateTime<Utc>,
}

/// The shape of a bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A filled bar.
    Bar,
    /// A dashed outline: over.
    Over,
    /// The time of the fault itself.
    Fault,
    /// The same behind the other rows.
    Band,
}

impl Scale {
    /// Where an instant stands, in per cent; a little outside when it is not in the picture, so that a cut bar has no
    /// end there.
    #[expect(clippy::cast_precision_loss, reason = "a place in a drawing")]
    pub(super) fn place(self, at: DateTime<Utc>) -> f64 {
        let whole = (self.to - self.from).num_seconds().max(1) as f64;
        let part = (at - self.from).num_seconds() as f64;
        (100.0 * part / whole).clamp(-2.0, 102.0)
    }

    /// Begins a drawing; `</svg>` ends it.
    pub(super) fn open(out: &mut Markup) {
        out.raw("<svg height=\"24\" aria-hidden=\"true\" focusable=\"false\">");
    }

    pub(super) fn shape(self, out: &mut Markup, shape: Shape, start: DateTime<Utc>, end: DateTime<Utc>) {
        let (x1, x2) = (self.place(start), self.place(end));
        out.raw(match shape {
            Shape::Bar => "<rect class=\"bar\" rx=\"3\" y=\"6\" height=\"12\" x=\"",
            Shape::Over => "<rect class=\"bar over\" rx=\"3\" y=\"6\" height=\"12\" x=\"",
            Shape::Fault => "<rect class=\"fault\" rx=\"1\" y=\"6\" height=\"12\" x=\"",
            Shape::Band => "<rect class=\"band\" y=\"-2\" height=\"28\" x=\"",
        });
        out.number(x1)
            .raw("%\" width=\"")
            .number((x2 - x1).max(0.4))
            .raw("%\"/>");
    }

    /// A vertical stroke over the whole height: `tick`, `now` or `mark`.
    pub(super) fn stroke(self, out: &mut Markup, class: &'static str, at: DateTime<Utc>) {
        let x = self.place(at);
        if (0.0..=100.0).contains(&x) {
            out.raw("<line y1=\"0\" y2=\"24\" class=\"").raw(class);
            out.raw("\" x1=\"")
                .number(x)
                .raw("%\" x2=\"")
                .number(x)
                .raw("%\"/>");
        }
    }

    /// The words of an axis: each at its place, those at the edges inside.
    pub(super) fn axis(self, out: &mut Markup, name: &str, words: &[(DateTime<Utc>, String)]) {
        out.raw("<div class=\"row axis\" aria-hidden=\"true\"><span class=\"name\"><small>")
            .text(name)
            .raw("</small></span>");
        Self::open(out);
        for (at, word) in words {
            let x = self.place(*at);
            out.raw(match x {
                ..5.0 => "<text y=\"17\" text-anchor=\"start\" x=\"",
                95.0.. => "<text y=\"17\" text-anchor=\"end\" x=\"",
                _ => "<text y=\"17\" text-anchor=\"middle\" x=\"",
            });
            out.number(x.clamp(0.0, 100.0))
                .raw("%\">")
                .text(word)
                .raw("</text>");
        }
        out.raw("</svg><span class=\"when\"></span></div>");
    }
}
