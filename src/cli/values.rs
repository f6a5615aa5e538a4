//! Parsers of flag values; clap shows what they return on error.

use std::time::Duration;

use chrono::{DateTime, FixedOffset, Utc};

/// A size in bytes: `500`, `20MB` (powers of 1000), `20MiB` (powers of 1024).
///
/// # Errors
/// When it is none; the text is given back.
pub fn size(text: &str) -> Result<u64, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" => 1000,
        "m" | "mb" => 1000 * 1000,
        "g" | "gb" => 1000 * 1000 * 1000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        _ => return Err(text.to_owned()),
    };
    let number = number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(factor));
    number.filter(|size| *size > 0).ok_or_else(|| text.to_owned())
}

/// A hundred years: no duration that anybody means is longer.
const LONGEST: Duration = Duration::from_hours(100 * 365 * 24);

/// `500ms`, `5s`, `2m`, `1h`, `30d`.
///
/// # Errors
/// The text as it was, for the message that names the accepted forms.
pub fn duration(text: &str) -> Result<Duration, String> {
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let number: u64 = number.parse().map_err(|_| text.to_owned())?;
    let seconds = |factor: u64| number.checked_mul(factor).map(Duration::from_secs);
    match unit {
        "ms" => Some(Duration::from_millis(number)),
        "s" => seconds(1),
        "m" => seconds(60),
        "h" => seconds(3600),
        "d" => seconds(86_400),
        _ => None,
    }
    // Longer ones cannot be added to a time.
    .filter(|duration| *duration <= LONGEST)
    .ok_or_else(|| text.to_owned())
}

/// When to warn of an expiry: a time before it (`30d`), or a share of the lifetime (`33%`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threshold {
    /// This long before.
    Before(Duration),
    /// When no more than this share of the lifetime is left, in percent.
    Percent(u8),
}

/// `30d`, `36h`, `33%`.
///
/// # Errors
/// The text as it was.
pub fn threshold(text: &str) -> Result<Threshold, String> {
    match text.strip_suffix('%') {
        Some(percent) => match percent.parse() {
            Ok(percent @ 0..=100) => Ok(Threshold::Percent(percent)),
            _ => Err(text.to_owned()),
        },
        None => duration(text).map(Threshold::Before),
    }
}

/// An RFC 3339 instant.
///
/// # Errors
/// The text as it was.
pub fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    DateTime::parse_from_rfc3339(text)
        .map(|instant| instant.to_utc())
        .map_err(|_| text.to_owned())
}

/// An RFC 3339 instant in the zone that it was written with: the clock of whoever reports the fault.
///
/// # Errors
/// The text as it was.
pub fn zoned(text: &str) -> Result<DateTime<FixedOffset>, String> {
    DateTime::parse_from_rfc3339(text).map_err(|_| text.to_owned())
}

/// `yes` and `no`, also in the other four languages.
///
/// # Errors
/// The text as it was.
pub fn yes_or_no(text: &str) -> Result<bool, String> {
    match text.to_lowercase().as_str() {
        "yes" | "y" | "true" | "ja" | "j" | "da" | "d" | "si" | "sì" | "s" => Ok(true),
        "no" | "n" | "false" | "nein" | "ne" | "nei" => Ok(false),
        _ => Err(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{duration, instant};
    use std::time::Duration;

    #[test]
    fn durations_of_the_contract() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("2m"), Ok(Duration::from_mins(2)));
        assert_eq!(duration("30d"), Ok(Duration::from_hours(720)));
        assert!(duration("36500d").is_ok());
        assert!(duration("9223372036854775807s").is_err());
        assert!(duration("99999999999999999999d").is_err());
        for bad in [
            "",
            "5",
            "s",
            "5 s",
            "-1s",
            "99999999999999999999d",
            "18446744073709551615d",
        ] {
            assert_eq!(duration(bad), Err(bad.to_owned()));
        }
    }

    #[test]
    fn instants_need_a_zone() {
        assert!(instant("2026-11-22T10:00:00+01:00").is_ok());
        assert!(instant("2026-11-22T10:00:00").is_err());
    }
}
