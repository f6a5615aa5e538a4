//! Reports to text, JSON, Markdown, HTML, CSV, monitoring formats; no judgement.
