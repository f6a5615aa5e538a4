use std::sync::Arc;

use chrono::{DateTime, Utc};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CrlDistributionPoint,
    CrlIssuingDistributionPoint, CrlScope, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose,
    RevocationReason, RevokedCertParams, SerialNumber,
};

use super::{Fault, List, Lists, Status};
use crate::x509::Certificate;

/// All lists are made on the first and right until the eighth of this month.
const YEAR: (i32, u8) = (2026, 11);

fn day(day: u32) -> DateTime<Utc> {
    format!("2026-11-{day:02}T12:00:00Z").parse().unwrap()
}

struct Ca {
    issuer: Issuer<'static, KeyPair>,
    certificate: Certificate,
}

fn params(name: &str, serial: u64) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.serial_number = Some(SerialNumber::from(serial));
    params
}

fn ca_params(name: &str, serial: u64) -> CertificateParams {
    let mut params = params(name, serial);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn root(name: &str) -> Ca {
    let (params, key) = (ca_params(name, 1), KeyPair::generate().unwrap());
    let certificate = Certificate::parse(params.self_signed(&key).unwrap().der());
    Ca {
        issuer: Issuer::new(params, key),
        certificate,
    }
}

impl Ca {
    fn sub(&self, serial: u64) -> Self {
        let (params, key) = (
            ca_params("Example Issuing CA", serial),
            KeyPair::generate().unwrap(),
        );
        let certificate = Certificate::parse(params.signed_by(&key, &self.issuer).unwrap().der());
        Self {
            issuer: Issuer::new(params, key),
            certificate,
        }
    }

    fn leaf(&self, serial: u64) -> Certificate {
        let key = KeyPair::generate().unwrap();
        let mut params = params("xsp1.example.net", serial);
        let uris = vec!["http://pki.example.com/one.crl".to_owned()];
        params.crl_distribution_points = vec![CrlDistributionPoint { uris }];
        Certificate::parse(params.signed_by(&key, &self.issuer).unwrap().der())
    }

    fn list(&self, serials: &[u64], change: impl FnOnce(&mut CertificateRevocationListParams)) -> List {
        let revoked = |serial: &u64| RevokedCertParams {
            serial_number: SerialNumber::from(*serial),
            revocation_time: rcgen::date_time_ymd(YEAR.0, YEAR.1, 1),
            reason_code: Some(RevocationReason::KeyCompromise),
            invalidity_date: None,
        };
        let mut params = CertificateRevocationListParams {
            this_update: rcgen::date_time_ymd(YEAR.0, YEAR.1, 1),
            next_update: rcgen::date_time_ymd(YEAR.0, YEAR.1, 8),
            crl_number: SerialNumber::from(5_u64),
            issuing_distribution_point: None,
            revoked_certs: serials.iter().map(revoked).collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        change(&mut params);
        List::parse(params.signed_by(&self.issuer).unwrap().der()).unwrap()
    }
}

fn lists(lists: &[List]) -> Lists {
    Lists::parse(lists.iter().map(|list| list.0.der.as_slice()))
}

/// What the lists say of the leaf as of this day of the month.
fn of_leaf(all: &[List], path: &[Certificate], on: u32) -> Status {
    lists(all).check(path, day(on)).remove(0).status
}

#[test]
fn good_revoked_and_the_limits_of_a_list() {
    let ca = root("Example Root");
    let path = [ca.leaf(7), ca.certificate.clone()];
    let (clean, listed) = (ca.list(&[8], |_| {}), ca.list(&[7], |_| {}));
    assert_eq!(of_leaf(std::slice::from_ref(&clean), &path, 5), Status::Good);
    let Status::Revoked(entry) = of_leaf(std::slice::from_ref(&listed), &path, 5) else {
        panic!("not revoked");
    };
    assert_eq!(entry.reason(), "keyCompromise");
    assert_eq!(entry.at.date_naive().to_string(), "2026-11-01");
    // Out of date it still accuses, but does not acquit.
    assert!(matches!(of_leaf(&[listed], &path, 20), Status::Revoked(_)));
    assert_eq!(of_leaf(&[clean], &path, 20), Status::Unknown(Fault::Expired));
    let later = ca.list(&[], |list| {
        list.this_update = rcgen::date_time_ymd(YEAR.0, YEAR.1, 6);
    });
    assert_eq!(of_leaf(&[later], &path, 5), Status::Unknown(Fault::NotYet));
}

#[test]
fn lists_of_others_say_nothing() {
    let (ca, other, namesake) = (root("Example Root"), root("Other Root"), root("Example Root"));
    let path = [ca.leaf(7), ca.certificate.clone()];
    assert_eq!(
        of_leaf(&[other.list(&[7], |_| {})], &path, 5),
        Status::Unknown(Fault::None)
    );
    assert_eq!(
        of_leaf(&[namesake.list(&[7], |_| {})], &path, 5),
        Status::Unknown(Fault::Signature)
    );
    // Beside the right one it does no harm.
    let both = [namesake.list(&[7], |_| {}), ca.list(&[], |_| {})];
    assert_eq!(of_leaf(&both, &path, 5), Status::Good);
    assert_eq!(
        of_leaf(&both, path.get(..1).unwrap(), 5),
        Status::Unknown(Fault::NoIssuer)
    );
    let garbage = Lists::parse([&b"no list"[..]]);
    assert!(!garbage.is_empty());
    assert_eq!(
        garbage.check(&path, day(5)).remove(0).status,
        Status::Unknown(Fault::Unreadable)
    );
}

#[test]
fn an_intermediate_is_looked_up_too_and_the_root_is_not() {
    let top = root("Example Root");
    let sub = top.sub(42);
    let path = [sub.leaf(7), sub.certificate.clone(), top.certificate.clone()];
    let checked = lists(&[sub.list(&[], |_| {}), top.list(&[42, 1], |_| {})]).check(&path, day(5));
    assert_eq!(checked.len(), 2);
    assert_eq!(checked[0].status, Status::Good);
    assert!(matches!(checked[1].status, Status::Revoked(_)));
}

#[test]
fn the_newest_list_counts() {
    let ca = root("Example Root");
    let path = [ca.leaf(7), ca.certificate.clone()];
    let newer = |serials: &[u64]| {
        ca.list(serials, |list| {
            list.this_update = rcgen::date_time_ymd(YEAR.0, YEAR.1, 3);
        })
    };
    for both in [
        [ca.list(&[], |_| {}), newer(&[7])],
        [newer(&[7]), ca.list(&[], |_| {})],
    ] {
        assert!(matches!(of_leaf(&both, &path, 5), Status::Revoked(_)));
    }
    assert_eq!(
        of_leaf(&[ca.list(&[7], |_| {}), newer(&[])], &path, 5),
        Status::Good
    );
}

#[test]
fn a_part_of_the_certificates_only() {
    let ca = root("Example Root");
    let path = [ca.leaf(7), ca.certificate.clone()];
    let part = |place: &str, scope| {
        ca.list(&[7], |list| {
            let uris = vec![format!("http://pki.example.com/{place}.crl")];
            list.issuing_distribution_point = Some(CrlIssuingDistributionPoint {
                distribution_point: CrlDistributionPoint { uris },
                scope,
            });
        })
    };
    assert!(matches!(
        of_leaf(&[part("one", None)], &path, 5),
        Status::Revoked(_)
    ));
    let users = Some(CrlScope::UserCertsOnly);
    assert!(matches!(
        of_leaf(&[part("one", users)], &path, 5),
        Status::Revoked(_)
    ));
    for other in [part("two", None), part("one", Some(CrlScope::CaCertsOnly))] {
        assert_eq!(of_leaf(&[other], &path, 5), Status::Unknown(Fault::Partition));
    }
}

/// The same list as the changes since list `base`.
fn delta(mut list: List, base: u8) -> List {
    Arc::get_mut(&mut list.0).unwrap().base = Some(vec![base]);
    list
}

#[test]
fn changes_count_only_with_the_list_that_they_change() {
    let ca = root("Example Root");
    let path = [ca.leaf(7), ca.certificate.clone()];
    let check = |all: Vec<List>| {
        let all = Lists {
            lists: all,
            unreadable: 0,
        };
        all.check(&path, day(5)).remove(0).status
    };
    let base = |serials: &[u64]| ca.list(serials, |_| {});
    let lifted = || {
        ca.list(&[7], |list| {
            for entry in &mut list.revoked_certs {
                entry.reason_code = Some(RevocationReason::RemoveFromCrl);
            }
        })
    };
    assert_eq!(check(vec![delta(base(&[]), 5)]), Status::Unknown(Fault::Delta));
    assert!(matches!(check(vec![delta(base(&[7]), 5)]), Status::Revoked(_)));
    assert!(matches!(
        check(vec![delta(base(&[7]), 5), base(&[])]),
        Status::Revoked(_)
    ));
    assert_eq!(check(vec![delta(lifted(), 5), base(&[7])]), Status::Good);
    // Of a later list, which is not there.
    assert!(matches!(
        check(vec![delta(lifted(), 6), base(&[7])]),
        Status::Revoked(_)
    ));
}
