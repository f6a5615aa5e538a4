//! A chain as served or as filed: order, gaps, and what does not belong. Facts; trust is [`super::verify`].

use super::cert::Certificate;
use super::signature::Signed;
use super::store::Store;

/// Signatures that are verified to put a chain in order. Real chains need as many as they have certificates; a peer
/// that shows a hundred of one name, each with a key that is slow to verify with, must not cost seconds.
const MAX_ATTEMPTS: usize = 100;

/// How the path along the served certificates ends.
#[derive(Debug, Clone, PartialEq)]
pub enum End {
    /// At a self-signed certificate that was served.
    SelfSigned {
        /// It is an anchor of the store.
        anchor: bool,
    },
    /// The issuer was not served and need not be: it is an anchor of the store.
    Anchor(Box<Certificate>),
    /// The issuer was not served and is not an anchor.
    Missing(Missing),
}

/// The certificate that is missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Missing {
    /// Its subject (RFC 4514).
    pub subject: String,
    /// Its key identifier, if the certificate below names one.
    pub key_id: Option<String>,
    /// Where the certificate below says it can be had.
    pub urls: Vec<String>,
    /// The certificate itself, if one of the further certificates at hand is it.
    pub found: Option<Box<Certificate>>,
    /// The evidence says that it is an intermediate, not a private root.
    pub intermediate: bool,
}

/// What a list of certificates is, seen as a chain.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// Positions of the path, leaf first, each issued by the next.
    pub path: Vec<usize>,
    /// How it ends.
    pub end: Option<End>,
    /// Each certificate of the path is directly followed by its issuer, and the leaf stands first.
    pub in_order: bool,
    /// Positions of certificates that came before already.
    pub duplicates: Vec<usize>,
    /// Positions of certificates that are no part of the path.
    pub unrelated: Vec<usize>,
    /// Position of a self-signed root in the path that need not be served.
    pub needless_root: Option<usize>,
    /// Positions of certificates that have the issuer's name but not its key.
    pub same_name_other_key: Vec<usize>,
}

impl Analysis {
    /// The position of the leaf.
    pub fn leaf(&self) -> Option<usize> {
        self.path.first().copied()
    }
}

/// Follows the certificates from the leaf upwards. `further` are certificates at hand that were not served.
pub fn analyse(certificates: &[Certificate], store: &Store, further: &[Certificate]) -> Analysis {
    let duplicates = duplicates(certificates);
    let mut analysis = Analysis {
        path: Vec::new(),
        end: None,
        in_order: true,
        duplicates,
        unrelated: Vec::new(),
        needless_root: None,
        same_name_other_key: Vec::new(),
    };
    let Some(leaf) = leaf_of(certificates) else {
        return analysis;
    };
    analysis.path.push(leaf);
    analysis.end = Some(follow(certificates, store, further, &mut analysis));
    analysis.unrelated = (0..certificates.len())
        .filter(|index| !analysis.path.contains(index) && !analysis.duplicates.contains(index))
        .collect();
    // The order is that of the certificates that belong: a duplicate or a stray is its own fault.
    let ascending = analysis.path.windows(2).all(|pair| pair[0] < pair[1]);
    analysis.in_order = leaf == first_readable(certificates).unwrap_or(leaf) && ascending;
    if analysis.path.len() > 1
        && let Some(End::SelfSigned { .. }) = analysis.end
    {
        analysis.needless_root = analysis.path.last().copied();
    }
    analysis
}

/// A chain with what was missing put in.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Completed {
    /// Leaf first, in order; with the root, if it is among the certificates.
    pub path: Vec<Certificate>,
    /// What is still missing.
    pub missing: Option<Missing>,
}

impl Completed {
    /// Without the root, which need not be served unless it is all there is.
    pub fn without_root(mut self) -> Vec<Certificate> {
        if self.path.len() > 1 && self.path.last().is_some_and(|last| last.facts().self_signed) {
            self.path.pop();
        }
        self.path
    }
}

/// The path in order, with what is at hand put in where something is missing.
pub fn complete(certificates: &[Certificate], store: &Store, further: &[Certificate]) -> Completed {
    let mut pool = certificates.to_vec();
    // Each round adds one certificate; more rounds than certificates at hand cannot be needed.
    for _ in 0..=further.len() {
        let analysis = analyse(&pool, store, further);
        let path: Vec<Certificate> = analysis
            .path
            .iter()
            .filter_map(|&index| pool.get(index).cloned())
            .collect();
        match analysis.end {
            Some(End::Missing(Missing {
                found: Some(found), ..
            })) => pool.push(*found),
            Some(End::Missing(missing)) => {
                return Completed {
                    path,
                    missing: Some(missing),
                };
            }
            _ => return Completed { path, missing: None },
        }
    }
    Completed::default()
}

fn first_readable(certificates: &[Certificate]) -> Option<usize> {
    certificates.iter().position(Certificate::is_readable)
}

fn duplicates(certificates: &[Certificate]) -> Vec<usize> {
    let mut seen = std::collections::HashSet::new();
    certificates
        .iter()
        .enumerate()
        .filter(|(_, certificate)| !seen.insert(certificate.facts().sha256.as_str()))
        .map(|(index, _)| index)
        .collect()
}

/// The leaf: the first certificate, unless that is a CA and another is not, or it issued another of them.
fn leaf_of(certificates: &[Certificate]) -> Option<usize> {
    let first = first_readable(certificates)?;
    let is_ca = |index: usize| certificates.get(index).is_some_and(|c| c.facts().is_ca);
    if !is_ca(first) {
        return Some(first);
    }
    let issued_nothing = |index: usize| {
        certificates
            .iter()
            .enumerate()
            .all(|(other, certificate)| other == index || !certificate.names_issuer(&certificates[index]))
    };
    (0..certificates.len())
        .filter(|&index| certificates[index].is_readable())
        .find(|&index| !is_ca(index))
        .or_else(|| {
            (0..certificates.len()).find(|&index| certificates[index].is_readable() && issued_nothing(index))
        })
        .or(Some(first))
}

fn follow(
    certificates: &[Certificate],
    store: &Store,
    further: &[Certificate],
    analysis: &mut Analysis,
) -> End {
    let mut attempts = MAX_ATTEMPTS;
    loop {
        // The path is never empty: it starts with the leaf.
        let Some(current) = analysis.path.last().and_then(|&index| certificates.get(index)) else {
            return End::SelfSigned { anchor: false };
        };
        if current.facts().self_signed {
            return End::SelfSigned {
                anchor: store.contains(current),
            };
        }
        let mut next = None;
        for (index, candidate) in certificates.iter().enumerate() {
            if analysis.path.contains(&index)
                || analysis.duplicates.contains(&index)
                || !current.names_issuer(candidate)
            {
                continue;
            }
            if attempts == 0 {
                break;
            }
            attempts -= 1;
            if current.is_issued_by(candidate) {
                next = Some(index);
                break;
            }
            if current.signed_by(candidate) == Signed::No {
                analysis.same_name_other_key.push(index);
            }
        }
        match next {
            Some(index) => analysis.path.push(index),
            None => return end_of(current, analysis.path.len(), store, further),
        }
    }
}

fn end_of(last: &Certificate, length: usize, store: &Store, further: &[Certificate]) -> End {
    if let Some(anchor) = store.issuer_of(last) {
        return End::Anchor(Box::new(anchor));
    }
    let found = further.iter().find(|candidate| last.is_issued_by(candidate));
    let urls = last.facts().ca_issuers.clone();
    let organization = super::store::organization_of(last.issuer_der());
    let of_public_ca = organization.is_some_and(|organization| store.has_organization(&organization));
    let intermediate = match found {
        Some(found) => !found.facts().self_signed,
        // A leaf alone or a public CA's name: an intermediate was forgotten. A place to fetch the issuer from says
        // nothing: private authorities name one for their root, too.
        None => length == 1 || of_public_ca,
    };
    End::Missing(Missing {
        subject: last.facts().issuer.clone(),
        key_id: last.facts().authority_key_id.clone(),
        urls,
        found: found.cloned().map(Box::new),
        intermediate,
    })
}

#[cfg(test)]
mod tests {
    use super::{MAX_ATTEMPTS, analyse};
    use crate::x509::{Certificate, Store};

    /// Authorities that all have one name, each issued by the one before it, the last one last.
    fn namesakes(count: usize) -> Vec<Certificate> {
        let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let mut key = rcgen::KeyPair::generate().unwrap();
        let mut certificates = Vec::new();
        for _ in 0..count {
            let issuer = rcgen::Issuer::new(params.clone(), key);
            key = rcgen::KeyPair::generate().unwrap();
            let certificate = params.signed_by(&key, &issuer).unwrap();
            certificates.push(Certificate::parse(certificate.der()));
        }
        certificates
    }

    #[test]
    fn namesakes_do_not_cost_a_signature_for_each_pair() {
        let store = Store::from_ders("none", []);
        let mut few = namesakes(5);
        few.reverse();
        // The first is taken for the leaf, and all the others follow.
        assert_eq!(analyse(&few, &store, &[]).path, [0, 1, 2, 3, 4]);
        // Here each is asked of nearly all the others before its issuer is found.
        let mut many = namesakes(24);
        many.reverse();
        many.get_mut(1..).unwrap().reverse();
        let path = analyse(&many, &store, &[]).path;
        let pairs: usize = (1..24).sum();
        assert!(pairs > MAX_ATTEMPTS && path.len() < many.len(), "{path:?}");
    }
}
