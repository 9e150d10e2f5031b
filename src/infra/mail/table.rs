//! Tables in emails: aligned columns in the text part, a `<table>` in the HTML part.

use super::block::escape_lines;

/// The maximum width of a line of the text part in characters.
const WIDTH: usize = 76;
/// The spaces between two columns of the text part.
const GAP: usize = 2;
/// The minimum width of the first column of the text part, however wide the other ones are.
const MIN_NAME: usize = 16;
const TABLE_STYLE: &str = "width:100%;margin:0 0 16px;border-collapse:collapse;font-size:15px";
const NAME_STYLE: &str = "padding:8px 0;text-align:left;vertical-align:top";
const VALUE_STYLE: &str = "padding:8px 0 8px 12px;text-align:right;vertical-align:top;white-space:nowrap;overflow-wrap:normal";
const ROW_STYLE: &str = "border-bottom:1px solid #8888903d";

/// A table. The first column is left-aligned and wraps, the other ones are right-aligned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The titles of the columns.
    pub header: Vec<String>,
    /// Rows with as many cells as the header.
    pub rows: Vec<Vec<String>>,
    /// Labels and values below the rows.
    pub totals: Vec<(String, String)>,
}

impl Table {
    /// Returns the table as lines of at most [`WIDTH`] characters.
    pub(super) fn text(&self) -> String {
        let values: Vec<usize> = (1..self.header.len())
            .map(|index| self.width_of(index))
            .collect();
        let taken: usize = values.iter().map(|width| width + GAP).sum();
        let name = WIDTH.saturating_sub(taken).max(MIN_NAME);
        let longest = self.all_rows().map(|row| longest_line(&row[0])).max();
        let longest_total = self.totals.iter().map(|(label, value)| {
            let all = longest_line(label) + GAP + longest_line(value);
            all.saturating_sub(taken)
        });
        let needed = longest.max(longest_total.max()).unwrap_or_default();
        let name = name.min(needed.max(MIN_NAME));
        let width = name + taken;
        let rule = "-".repeat(width);
        let mut lines = Vec::new();
        for (index, row) in self.all_rows().enumerate() {
            let names = wrap(&row[0], name);
            for (at, part) in names.into_iter().enumerate() {
                let mut line = pad_end(&part, name);
                for (value, width) in row[1..].iter().zip(&values).filter(|_| at == 0) {
                    line.push_str(&" ".repeat(GAP));
                    line.push_str(&pad_start(value, *width));
                }
                lines.push(line.trim_end().to_owned());
            }
            if index == 0 {
                lines.push(rule.clone());
            }
        }
        if !self.totals.is_empty() {
            lines.push(rule);
        }
        for (label, value) in &self.totals {
            let room = width.saturating_sub(value.chars().count() + GAP).max(1);
            let mut labels = wrap(label, room);
            let last = labels.pop().unwrap_or_default();
            lines.extend(labels);
            let gap = width.saturating_sub(last.chars().count());
            lines.push(format!("{last}{}", pad_start(value, gap)));
        }
        lines.join("\n")
    }

    /// Returns the table as HTML.
    pub(super) fn html(&self) -> String {
        let cells = |tag: &str, row: &[String]| {
            let cells = row.iter().enumerate().map(|(index, cell)| {
                let style = if index == 0 { NAME_STYLE } else { VALUE_STYLE };
                let cell = escape_lines(cell);
                format!("<{tag} style=\"{style}\">{cell}</{}>", &tag[..2])
            });
            let cells: String = cells.collect();
            format!("<tr style=\"{ROW_STYLE}\">{cells}</tr>")
        };
        let head = cells("th scope=\"col\"", &self.header);
        let body: String = self.rows.iter().map(|row| cells("td", row)).collect();
        let span = self.header.len().saturating_sub(1);
        let totals = self.totals.iter().map(|(label, value)| {
            let (label, value) = (escape_lines(label), escape_lines(value));
            format!(
                "<tr><th scope=\"row\" style=\"{NAME_STYLE};font-weight:400\">{label}</th>\
                 <td colspan=\"{span}\" style=\"{VALUE_STYLE}\">{value}</td></tr>"
            )
        });
        let totals: String = totals.collect();
        format!(
            "<table style=\"{TABLE_STYLE}\"><thead>{head}</thead><tbody>{body}</tbody><tfoot>{totals}</tfoot></table>"
        )
    }

    fn all_rows(&self) -> impl Iterator<Item = &Vec<String>> {
        std::iter::once(&self.header).chain(&self.rows)
    }

    fn width_of(&self, column: usize) -> usize {
        let cells = self.all_rows().filter_map(|row| row.get(column));
        cells
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or_default()
    }
}

fn longest_line(text: &str) -> usize {
    let lines = text.lines().map(|line| line.chars().count());
    lines.max().unwrap_or_default()
}

/// Breaks text into lines of at most `width` characters, at spaces if possible. Returns at least one line.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        let mut length = 0;
        for word in paragraph.split_whitespace() {
            let characters: Vec<char> = word.chars().collect();
            for (index, part) in characters.chunks(width).enumerate() {
                let separator = usize::from(index == 0 && length > 0);
                if length > 0 && (index > 0 || length + separator + part.len() > width) {
                    lines.push(std::mem::take(&mut line));
                    length = 0;
                } else if separator == 1 {
                    line.push(' ');
                    length += 1;
                }
                line.extend(part);
                length += part.len();
            }
        }
        lines.push(line);
    }
    if lines.is_empty() {
        lines.push(String::new());
    }
    lines
}

fn pad_end(text: &str, width: usize) -> String {
    let spaces = width.saturating_sub(text.chars().count());
    format!("{text}{}", " ".repeat(spaces))
}

fn pad_start(text: &str, width: usize) -> String {
    let spaces = width.saturating_sub(text.chars().count());
    format!("{}{text}", " ".repeat(spaces))
}
