//! Time stamps in the forms of Webex App logs, BroadWorks logs, Control Hub, Apache and Tomcat, syslog, ISO 8601.

mod seen;
mod zone;

use chrono::{DateTime, Datelike as _, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

use crate::scan::bytes::{at, before, is_alnum, is_word, part, run, run_back};
use crate::scan::engine::Found;
use crate::scan::{Evidence, Kind};

use super::people;

pub(in crate::scan) use self::seen::SeenDates;

/// A time stamp that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scan) struct Stamp {
    pub(in crate::scan) start: usize,
    pub(in crate::scan) end: usize,
    pub(in crate::scan) local: NaiveDateTime,
    /// The zone, when one is written.
    pub(in crate::scan) offset: Option<FixedOffset>,
}

impl Stamp {
    /// The instant; without a zone the time counts as UTC, which is what servers log by default.
    pub(in crate::scan) fn instant(&self) -> DateTime<Utc> {
        let seconds = self
            .offset
            .map_or(0, |offset| i64::from(offset.local_minus_utc()));
        if seconds == 0 {
            return self.local.and_utc();
        }
        (self.local - TimeDelta::seconds(seconds)).and_utc()
    }
}

/// A colon between digits: the first of a time of day. Returns whether it was one, with a date.
pub(in crate::scan) fn colon(found: &mut Found<'_>, index: usize) -> bool {
    // `07:24:25`: the colon before the seconds. Only Apache's date, which has its year there, ends in a colon too.
    if before(found.text, index.saturating_sub(2)) == b':'
        && !before(found.text, index.saturating_sub(4)).is_ascii_digit()
    {
        return false;
    }
    let text = found.text;
    // Hours have one digit or two.
    if part(text, index.saturating_sub(3), index)
        .iter()
        .all(u8::is_ascii_digit)
        && index >= 3
    {
        return false;
    }
    let known = found.dates.before(text, index);
    let read = known.and_then(|known| with_date(text, index, known));
    match read.or_else(|| stamp(text, index, found.today)) {
        Some(stamp) => {
            if read.is_none() {
                found.dates.see(text, &stamp, index);
            }
            found.stamp_end = found.stamp_end.max(stamp.end);
            if before(text, stamp.start) == b'[' {
                people::of_request(found, stamp.start - 1);
            }
            found.add(stamp.start, stamp.end, Kind::Timestamp, Evidence::Shape);
            found.instants.push((stamp.start, stamp.instant()));
            true
        }
        None => false,
    }
}

fn number(text: &[u8], start: usize, end: usize) -> Option<u32> {
    let digits = part(text, start, end);
    if digits.is_empty() || digits.len() > 9 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(
        digits
            .iter()
            .fold(0, |sum, byte| sum * 10 + u32::from(byte - b'0')),
    )
}

/// The number that these digits are.
fn digits<const N: usize>(text: [u8; N]) -> Option<u32> {
    text.iter().try_fold(0, |sum, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit < 10).then(|| sum * 10 + u32::from(digit))
    })
}

/// Two digits.
fn two(text: &[u8], start: usize) -> Option<u32> {
    digits(*text.get(start..)?.first_chunk::<2>()?)
}

/// The time stamp whose two digits of hours end before `colon`, behind a date that is known.
fn with_date(text: &[u8], colon: usize, known: seen::Known) -> Option<Stamp> {
    let hour = two(text, colon - 2)?;
    clock(text, colon, hour, |end, _| {
        // What could be a year settles which one a date without is of.
        let year = known.yearless && at(text, end) == b' ' && at(text, end + 1).is_ascii_digit();
        (!year).then_some(((known.date, known.start), 0))
    })
}

/// The time stamp whose hours end before the colon at `colon`.
///
/// Without a year it is of the last twelve months before the end of `today`.
pub(in crate::scan) fn stamp(text: &[u8], colon: usize, today: Option<NaiveDate>) -> Option<Stamp> {
    let hour_start = run_back(text, colon, 3, |byte| byte.is_ascii_digit());
    let hour = number(text, hour_start, colon).filter(|_| colon - hour_start <= 2)?;
    let date = date_before(text, hour_start)?;
    clock(text, colon, hour, |end, american| {
        date.resolve(text, end, american, today)
    })
}

/// The time of day around `colon`, and its zone; `resolve` settles the date with the end of the time and whether it is
/// written with AM or PM, and gives where the stamp begins and ends.
fn clock(
    text: &[u8],
    colon: usize,
    hour: u32,
    resolve: impl FnOnce(usize, bool) -> Option<((NaiveDate, usize), usize)>,
) -> Option<Stamp> {
    let minute = two(text, colon + 1)?;
    let (second, milli, mut end) = seconds(text, colon + 3);
    let (hour, after) = half_day(text, end, hour)?;
    let american = after != end;
    end = after;
    let (offset, after) = zone::behind(text, end);
    end = after;
    let time = NaiveTime::from_hms_milli_opt(hour, minute, second.min(59), milli)?;
    let (date, year_end) = resolve(end, american)?;
    end = end.max(year_end);
    if is_alnum(at(text, end))
        && at(text, end) < 0x80
        && at(text, end.saturating_sub(1)).is_ascii_digit()
        && offset.is_none()
        && at(text, end) != b'T'
    {
        return None;
    }
    Some(Stamp {
        start: date.1,
        end,
        local: date.0.and_time(time),
        offset,
    })
}

/// `:SS`, `.mmm`, `,mmm`, `:mmm` from `start`: seconds, milliseconds, end.
fn seconds(text: &[u8], start: usize) -> (u32, u32, usize) {
    let rest = text.get(start..).unwrap_or_default();
    let Some((&[b':', tens, ones], rest)) = rest.split_first_chunk() else {
        return (0, 0, start);
    };
    let Some(second) = digits([tens, ones]) else {
        return (0, 0, start);
    };
    let end = start + 3;
    let Some((&sign @ (b'.' | b',' | b':'), rest)) = rest.split_first() else {
        return (second, 0, end);
    };
    // As nearly all logs have them.
    if let Some((&three, rest)) = rest.split_first_chunk::<3>()
        && !rest.first().is_some_and(u8::is_ascii_digit)
        // `07:24:25:203.0.113.9`: an address behind a colon.
        && !(sign == b':' && matches!(rest, [b'.', b'0'..=b'9', ..]))
        && let Some(milli) = digits(three)
    {
        return (second, milli, end + 4);
    }
    let fraction = part(rest, 0, run(rest, 0, 10, |byte| byte.is_ascii_digit()));
    if fraction.is_empty() || sign == b':' {
        return (second, 0, end);
    }
    let milli = fraction
        .iter()
        .chain(b"000")
        .take(3)
        .fold(0, |sum, byte| sum * 10 + u32::from(byte - b'0'));
    (second, milli, end + 1 + fraction.len())
}

/// ` AM`, ` PM`: the hour of 24 and the end.
fn half_day(text: &[u8], end: usize, hour: u32) -> Option<(u32, usize)> {
    let start = end + usize::from(at(text, end) == b' ');
    let pm = at(text, start) | 0x20 == b'p';
    if !(pm || at(text, start) | 0x20 == b'a')
        || at(text, start + 1) | 0x20 != b'm'
        || is_word(at(text, start + 2))
    {
        return (hour < 24).then_some((hour, end));
    }
    (1..=12)
        .contains(&hour)
        .then_some((hour % 12 + if pm { 12 } else { 0 }, start + 2))
}

/// A date in front of a time; what is missing or ambiguous is settled with what follows the time.
struct DateText {
    start: usize,
    form: Form,
}

enum Form {
    Ymd(u32, u32, u32),
    /// Day, month and year with dots: only this order is written so.
    Dmy(u32, u32, u32),
    /// With slashes either order.
    Slashes(u32, u32, u32),
    /// The year follows the time (`Thu Aug 10 02:34:31 UTC 2023`) or is not written (syslog).
    MonthDay(u32, u32),
}

impl DateText {
    fn resolve(
        &self,
        text: &[u8],
        end: usize,
        american: bool,
        today: Option<NaiveDate>,
    ) -> Option<((NaiveDate, usize), usize)> {
        let day =
            |year: u32, month: u32, day: u32| NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day);
        let short = |year: u32| if year < 100 { year + 2000 } else { year };
        let (date, end) = match self.form {
            Form::Ymd(y, m, d) => (day(y, m, d)?, end),
            Form::Dmy(d, m, y) => (day(short(y), m, d)?, end),
            Form::Slashes(a, b, y) if american || b > 12 => (day(short(y), a, b)?, end),
            Form::Slashes(a, b, y) => (day(short(y), b, a)?, end),
            Form::MonthDay(m, d) => {
                let start = run(text, end, 1, |byte| byte == b' ');
                match number(text, start, start + 4).filter(|year| (1990..2100).contains(year)) {
                    Some(year) => (day(year, m, d)?, start + 4),
                    None => (last(m, d, today?)?, end),
                }
            }
        };
        Some(((date, self.start), end))
    }
}

/// The last day with this month and number; tomorrow counts as well, for clocks of another zone.
fn last(month: u32, day: u32, today: NaiveDate) -> Option<NaiveDate> {
    // A leap day may be eight years ago.
    (0..9)
        .filter_map(|back| NaiveDate::from_ymd_opt(today.year() - back, month, day))
        .find(|date| *date <= today + TimeDelta::days(1))
}

/// The date that ends before the hours at `hours`.
fn date_before(text: &[u8], hours: usize) -> Option<DateText> {
    let mut end = hours;
    match before(text, end) {
        b'T' | b't' | b'_' | b'-' => end -= 1,
        // Apache: `09/Feb/2023:07:24:25`
        b':' => {
            end -= 1;
            return day_month_year(text, end);
        }
        b' ' => {
            end = run_back(text, end, 3, |byte| byte == b' ');
            // `10.08.2023. 14:00`, `10.8.2023, 14:00`, `10.8.2023 um 14:00`, `kl.`, `alle`, `u`, `at`
            for word in [&b" um"[..], b" kl.", b" kl", b" alle", b" ore", b" u", b" at"] {
                if part(text, end.saturating_sub(word.len()), end) == word {
                    end -= word.len();
                    break;
                }
            }
            end = run_back(text, end, 2, |byte| matches!(byte, b',' | b'.' | b' '));
        }
        _ => return None,
    }
    numeric_date(text, end)
        .or_else(|| day_month_year(text, end))
        .or_else(|| month_day(text, end))
}

/// Three numbers with one kind of separator.
fn numeric_date(text: &[u8], end: usize) -> Option<DateText> {
    let third = run_back(text, end, 5, |byte| byte.is_ascii_digit());
    let third_gap = if before(text, third) == b' ' && before(text, third.saturating_sub(1)) == b'.' {
        third - 1
    } else {
        third
    };
    let separator = before(text, third_gap);
    if !matches!(separator, b'-' | b'.' | b'/') || third == end {
        return None;
    }
    // `10. 8. 2023.`
    let space = |index: usize| {
        if separator == b'.' {
            run_back(text, index, 1, |byte| byte == b' ')
        } else {
            index
        }
    };
    let second_end = third_gap - 1;
    let second = run_back(text, second_end, 3, |byte| byte.is_ascii_digit());
    if second == second_end {
        return None;
    }
    let second_gap = space(second);
    if before(text, second_gap) != separator {
        return None;
    }
    let first_end = second_gap - 1;
    let first = run_back(text, first_end, 5, |byte| byte.is_ascii_digit());
    if is_word(before(text, first)) && before(text, first) != b'_' {
        return None;
    }
    let (a, b, c) = (
        number(text, first, first_end)?,
        number(text, second, second_end)?,
        number(text, third, end)?,
    );
    let form = match (first_end - first, separator, end - third) {
        (4, _, 1..=2) => Form::Ymd(a, b, c),
        (1..=2, b'/', 2 | 4) => Form::Slashes(a, b, c),
        (1..=2, _, 2 | 4) => Form::Dmy(a, b, c),
        _ => return None,
    };
    Some(DateText { start: first, form })
}

/// `10 Aug 2023` and `09/Feb/2023`, `10-Aug-2023`.
fn day_month_year(text: &[u8], end: usize) -> Option<DateText> {
    let year_start = run_back(text, end, 5, |byte| byte.is_ascii_digit());
    let year = number(text, year_start, end).filter(|_| end - year_start == 4)?;
    let separator = before(text, year_start);
    if !matches!(separator, b' ' | b'/' | b'-') {
        return None;
    }
    let (month, month_start) = month_name(text, year_start - 1)?;
    if before(text, month_start) != separator {
        return None;
    }
    let day_end = month_start - 1;
    let day_start = run_back(text, day_end, 3, |byte| byte.is_ascii_digit());
    let day = number(text, day_start, day_end).filter(|_| day_end - day_start <= 2)?;
    Some(DateText {
        start: week_day(text, day_start),
        form: Form::Ymd(year, month, day),
    })
}

/// Where the month and day begin that end at `end`.
pub(super) fn month_day_start(text: &[u8], end: usize) -> Option<usize> {
    month_day(text, end).map(|date| date.start)
}

/// `Aug 10`, `Nov  2`: ctime and syslog.
fn month_day(text: &[u8], end: usize) -> Option<DateText> {
    let day_start = run_back(text, end, 3, |byte| byte.is_ascii_digit());
    let day = number(text, day_start, end).filter(|_| end - day_start <= 2)?;
    let gap = run_back(text, day_start, 2, |byte| byte == b' ');
    if gap == day_start {
        return None;
    }
    let (month, start) = month_name(text, gap)?;
    Some(DateText {
        start: week_day(text, start),
        form: Form::MonthDay(month, day),
    })
}

fn month_name(text: &[u8], end: usize) -> Option<(u32, usize)> {
    let start = run_back(text, end, 10, |byte| byte.is_ascii_alphabetic());
    let name: &[u8; 3] = part(text, start, end).first_chunk()?;
    let month = match &name.map(|letter| letter | 0x20) {
        b"jan" => 1,
        b"feb" => 2,
        b"mar" => 3,
        b"apr" => 4,
        b"may" => 5,
        b"jun" => 6,
        b"jul" => 7,
        b"aug" => 8,
        b"sep" => 9,
        b"oct" => 10,
        b"nov" => 11,
        b"dec" => 12,
        _ => return None,
    };
    Some((month, start))
}

/// Includes `Thu, ` or `Thu ` in front.
fn week_day(text: &[u8], start: usize) -> usize {
    let gap = run_back(text, start, 1, |byte| byte == b' ');
    let comma = run_back(text, gap, 1, |byte| byte == b',');
    let name = run_back(text, comma, 4, |byte| byte.is_ascii_alphabetic());
    let known = [&b"Mon"[..], b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];
    if gap < start && known.contains(&part(text, name, comma)) {
        name
    } else {
        start
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::stamp;

    fn read(text: &str) -> Option<(String, String)> {
        let colon = text
            .match_indices(':')
            .find_map(|(index, _)| stamp(text.as_bytes(), index, NaiveDate::from_ymd_opt(2026, 1, 2)))?;
        Some((
            text[colon.start..colon.end].to_owned(),
            colon.instant().to_rfc3339(),
        ))
    }

    #[test]
    fn forms_and_zones() {
        for (text, instant) in [
            ("2025-04-20T01:43:13.411Z", "2025-04-20T01:43:13.411+00:00"),
            ("2025-03-13T13:31:59.765-04:00", "2025-03-13T17:31:59.765+00:00"),
            ("2022.05.26 09:34:57:711 EDT", "2022-05-26T13:34:57.711+00:00"),
            (
                "2010.05.13 17:30:10:278 GMT+00:00",
                "2010-05-13T17:30:10.278+00:00",
            ),
            ("09/Feb/2023:07:24:25 +0000", "2023-02-09T07:24:25+00:00"),
            ("Thu, 10 Aug 2023 02:34:31 GMT", "2023-08-10T02:34:31+00:00"),
            ("Thu Aug 10 02:34:31 UTC 2023", "2023-08-10T02:34:31+00:00"),
            ("2024-07-16 17:21:43,468", "2024-07-16T17:21:43.468+00:00"),
            ("2023/02/14 08:01:59", "2023-02-14T08:01:59+00:00"),
            ("10.08.2023 14:05", "2023-08-10T14:05:00+00:00"),
            ("10.08.2023, 14:05:06 CEST", "2023-08-10T12:05:06+00:00"),
            ("10. 8. 2023. 14:05", "2023-08-10T14:05:00+00:00"),
            ("8/10/2023, 2:34:31 PM", "2023-08-10T14:34:31+00:00"),
            ("13/08/2023 14:34", "2023-08-13T14:34:00+00:00"),
            ("10-Aug-2023 02:34:31", "2023-08-10T02:34:31+00:00"),
            ("Jan  2 07:24:25", "2026-01-02T07:24:25+00:00"),
            ("Jan  3 00:10:00", "2026-01-03T00:10:00+00:00"),
            ("Nov 22 07:24:25", "2025-11-22T07:24:25+00:00"),
            ("Feb 29 07:24:25", "2024-02-29T07:24:25+00:00"),
        ] {
            assert_eq!(read(text), Some((text.to_owned(), instant.to_owned())));
        }
    }

    #[test]
    fn no_time_stamps() {
        for text in [
            "12:34:56",
            "host:8443:1",
            "1:2",
            "2023-13-40T10:00:00Z",
            "a 99:99:99",
            "192.0.2.1 10:00:00",
            "Feb 30 10:00:00",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
