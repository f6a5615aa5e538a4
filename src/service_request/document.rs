//! The text of a service request before it has a format.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use crate::render::markdown::{code, escape};
use crate::render::wrap;

/// Columns: what e-mail and Support Case Manager show without a line break of their own.
const WIDTH: usize = 78;

/// Title, sections, foot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub(super) title_label: String,
    pub(super) title: String,
    pub(super) lead: String,
    pub(super) sections: Vec<Section>,
    pub(super) foot: String,
}

/// A heading and what stands below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Section {
    heading: String,
    blocks: Vec<Block>,
}

impl Section {
    pub(super) fn new(heading: String, blocks: Vec<Block>) -> Self {
        Self { heading, blocks }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.blocks.iter().all(|block| match block {
            Block::Fields(fields) => fields.iter().all(|field| field.values.is_empty()),
            Block::Items(items) => items.is_empty(),
            Block::Blank(_) => false,
        })
    }
}

/// What can stand below a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    /// Labels and values.
    Fields(Vec<Field>),
    /// A list.
    Items(Vec<Item>),
    /// To be filled in by the person.
    Blank(String),
}

/// A label and its values; no values: not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) label: String,
    pub(super) values: Vec<String>,
}

/// An entry of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) head: String,
    pub(super) body: Option<String>,
}

impl Item {
    pub(super) fn line(head: String) -> Self {
        Self { head, body: None }
    }
}

impl Document {
    /// The title alone, for the title field of the case.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Plain text.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        wrap::hanging(&mut out, &format!("{} ", self.title_label), &self.title, WIDTH);
        out.push('\n');
        wrap::hanging(&mut out, "", &self.lead, WIDTH);
        for section in &self.sections {
            let rule = "-".repeat(section.heading.width());
            let _ = writeln!(out, "\n{}\n{rule}", section.heading);
            for block in &section.blocks {
                block.write_text(&mut out);
            }
        }
        out.push_str("\n--\n");
        wrap::hanging(&mut out, "", &self.foot, WIDTH);
        out
    }

    /// Markdown.
    pub fn to_markdown(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "# {}\n\n{}", escape(&self.title), escape(&self.lead));
        for section in &self.sections {
            let _ = writeln!(out, "\n## {}\n", escape(&section.heading));
            for block in &section.blocks {
                block.write_markdown(&mut out);
            }
        }
        let _ = writeln!(out, "\n---\n\n{}", escape(&self.foot));
        out
    }
}

impl Block {
    fn write_text(&self, out: &mut String) {
        match self {
            Self::Blank(text) => wrap::hanging(out, "", text, WIDTH),
            Self::Fields(fields) => {
                let shown = || fields.iter().filter(|field| !field.values.is_empty());
                let widest = shown().map(|field| field.label.width()).max().unwrap_or_default();
                for field in shown() {
                    let blanks = " ".repeat(widest - field.label.width());
                    let mut first = format!("{}:{blanks} ", field.label);
                    for value in &field.values {
                        wrap::hanging(out, &first, value, WIDTH);
                        first = " ".repeat(widest + 2);
                    }
                }
            }
            Self::Items(items) => {
                for item in items {
                    // Two blanks separate columns within a line; wrapping would fold them.
                    if item.head.width() + 2 <= WIDTH {
                        let _ = writeln!(out, "- {}", item.head);
                    } else {
                        wrap::hanging(out, "- ", &item.head, WIDTH);
                    }
                    if let Some(body) = &item.body {
                        wrap::hanging(out, "  ", body, WIDTH);
                    }
                }
            }
        }
    }

    fn write_markdown(&self, out: &mut String) {
        match self {
            Self::Blank(text) => {
                let _ = writeln!(out, "{}", escape(text));
            }
            Self::Fields(fields) => {
                for field in fields.iter().filter(|field| !field.values.is_empty()) {
                    let values: Vec<String> = field.values.iter().map(|value| code(value)).collect();
                    let _ = writeln!(out, "- **{}:** {}", escape(&field.label), values.join(", "));
                }
            }
            Self::Items(items) => {
                for item in items {
                    let _ = writeln!(out, "- {}", escape(&item.head));
                    // A paragraph of the same entry.
                    for line in item.body.iter().flat_map(|body| body.lines()) {
                        let _ = writeln!(out, "\n  {}", escape(line.trim()));
                    }
                }
            }
        }
    }
}
