//! When an expiry date is a warning, and when it is critical: days, or a share of the certificate's lifetime.

use chrono::{DateTime, TimeDelta, Utc};

use crate::i18n::{Localize, Message};
use crate::report::Severity;
use crate::x509::Certificate;

/// One limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// This long before the end.
    Time(TimeDelta),
    /// When this many hundredths of the lifetime are left.
    Percent(u32),
    /// The shorter of the two: the default, sensible also for certificates of 47 or 6 days.
    Shorter(TimeDelta, u32),
}

impl Limit {
    fn of(self, lifetime: TimeDelta) -> TimeDelta {
        let share = |percent: u32| lifetime / 100 * i32::try_from(percent).unwrap_or(100);
        match self {
            Self::Time(time) => time,
            Self::Percent(percent) => share(percent),
            Self::Shorter(time, percent) => time.min(share(percent)),
        }
    }
}

/// Both limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// A warning from here on.
    pub warn: Limit,
    /// Critical from here on.
    pub critical: Limit,
}

impl Default for Thresholds {
    /// 30 days or a third of the lifetime; 7 days or a tenth of it.
    fn default() -> Self {
        Self {
            warn: Limit::Shorter(TimeDelta::days(30), 33),
            critical: Limit::Shorter(TimeDelta::days(7), 10),
        }
    }
}

/// A threshold that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown threshold '{0}'")]
pub struct UnknownThreshold(pub String);

impl Localize for UnknownThreshold {
    fn message(&self) -> Message {
        Message::new("certs-error-threshold").arg("value", self.0.as_str())
    }
}

impl std::str::FromStr for Limit {
    type Err = UnknownThreshold;

    /// `30d`, `36h`, `33%`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || UnknownThreshold(text.to_owned());
        if let Some(percent) = text.trim().strip_suffix('%') {
            let percent: u32 = percent.trim().parse().map_err(|_| unknown())?;
            return if percent <= 100 {
                Ok(Self::Percent(percent))
            } else {
                Err(unknown())
            };
        }
        let duration = crate::cli::values::duration(text.trim()).map_err(|_| unknown())?;
        TimeDelta::from_std(duration)
            .map(Self::Time)
            .map_err(|_| unknown())
    }
}

impl Thresholds {
    /// From the configuration; what it leaves open is the default.
    ///
    /// # Errors
    /// When a value is neither a duration nor a percentage.
    pub fn from_config(config: &crate::config::Thresholds) -> Result<Self, UnknownThreshold> {
        let mut thresholds = Self::default();
        if let Some(warn) = &config.warn {
            thresholds.warn = warn.parse()?;
        }
        if let Some(critical) = &config.critical {
            thresholds.critical = critical.parse()?;
        }
        Ok(thresholds)
    }

    /// How long before the end a certificate of this lifetime becomes a warning, and how long before it is critical.
    pub fn before_end(&self, lifetime: TimeDelta) -> (TimeDelta, TimeDelta) {
        (self.warn.of(lifetime), self.critical.of(lifetime))
    }

    /// Holds a certificate against the limits. Says nothing of one that has already expired.
    pub fn judge(&self, certificate: &Certificate, as_of: DateTime<Utc>) -> Remaining {
        let lifetime = certificate.lifetime();
        let left = certificate.not_after() - as_of;
        let (warn, critical) = self.before_end(lifetime);
        let severity = if left <= critical {
            Severity::Critical
        } else if left <= warn {
            Severity::Warning
        } else {
            Severity::Ok
        };
        let seconds = lifetime.num_seconds().max(1);
        Remaining {
            severity,
            days: certificate.days_left(as_of),
            percent: left.num_seconds().saturating_mul(100) / seconds,
            lifetime_days: days_up(lifetime),
            warn_days: days_up(warn),
            critical_days: days_up(critical),
            warn_percent: share(warn, lifetime),
            critical_percent: share(critical, lifetime),
            hours: left.num_hours(),
            lifetime_hours: (lifetime.num_seconds() + 1_800).div_euclid(3_600),
            warn_hours: warn.num_hours(),
            critical_hours: critical.num_hours(),
        }
    }
}

/// How much is left, with the explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remaining {
    /// `ok`, `warning` or `critical`.
    pub severity: Severity,
    /// Whole days left.
    pub days: i64,
    /// Hundredths of the lifetime left.
    pub percent: i64,
    /// Days of the lifetime.
    pub lifetime_days: i64,
    /// Where the warning begins, in days.
    pub warn_days: i64,
    /// Where it becomes critical, in days.
    pub critical_days: i64,
    /// Where the warning begins, in hundredths of the lifetime.
    pub warn_percent: i64,
    /// Where it becomes critical, in hundredths of the lifetime.
    pub critical_percent: i64,
    /// Whole hours left.
    pub hours: i64,
    /// Hours of the lifetime.
    pub lifetime_hours: i64,
    /// Where the warning begins, in hours.
    pub warn_hours: i64,
    /// Where it becomes critical, in hours.
    pub critical_hours: i64,
}

impl Remaining {
    /// Whether days are too coarse to say when the limits are reached: certificates of six days.
    pub fn is_about_hours(&self) -> bool {
        self.lifetime_days <= 10
    }
}

/// Hundredths of the lifetime, rounded to the nearest.
fn share(time: TimeDelta, lifetime: TimeDelta) -> i64 {
    let seconds = lifetime.num_seconds().max(1);
    (time.num_seconds().saturating_mul(100) + seconds / 2).div_euclid(seconds)
}

/// Whole days, rounded to the nearest.
fn days_up(time: TimeDelta) -> i64 {
    (time.num_seconds() + 43_200).div_euclid(86_400)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::{Limit, Thresholds};

    #[test]
    fn limits_of_the_configuration() {
        assert_eq!("30d".parse(), Ok(Limit::Time(TimeDelta::days(30))));
        assert_eq!("33%".parse(), Ok(Limit::Percent(33)));
        for bad in ["", "30", "-3d", "133%", "soon"] {
            assert!(bad.parse::<Limit>().is_err(), "{bad}");
        }
    }

    #[test]
    fn defaults_for_short_and_long_lives() {
        let defaults = Thresholds::default();
        for (life, warn, critical) in [(398, 30, 7), (200, 30, 7), (47, 15, 4), (6, 1, 0)] {
            let life = TimeDelta::days(life);
            assert_eq!(defaults.warn.of(life).num_days(), warn);
            assert!((defaults.critical.of(life).num_days() - critical).abs() <= 1);
        }
    }
}
