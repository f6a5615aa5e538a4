//! Every check there is: stable id, area, default severity and owner, what it applies to, where it is documented.
//! `w4b-diag checks` prints this table.

use crate::report::{Owner, Severity};

/// What a check is about; the part of the id before the dot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Area {
    /// The Webex status page.
    Status,
    /// The TLS endpoint itself.
    Tls,
    /// A certificate.
    Cert,
    /// A chain as served or as filed.
    Chain,
    /// A trust-anchor file.
    Trust,
    /// Mutual TLS.
    Mtls,
    /// What a service request needs.
    Case,
    /// What the error itself says.
    Fault,
    /// A user of a status export.
    User,
    /// A bulk-user file.
    Csv,
    /// An onboarding template.
    Template,
    /// BroadWorks releases.
    Release,
    /// The provisioning order.
    Order,
    /// The bundle.
    Bundle,
}

/// What must be at hand for a check to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AppliesTo {
    /// An answer of the status page.
    Status,
    /// A TLS endpoint.
    Target,
    /// A certificate chain, served or from a file.
    Chain,
    /// A trust-anchor file.
    Trust,
    /// The facts of a case.
    Case,
    /// A user-status export or a bulk-user file.
    Users,
    /// What is known of an order.
    Order,
    /// A finished bundle.
    Bundle,
}

impl AppliesTo {
    /// The word in `checks --format json`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Target => "target",
            Self::Chain => "chain",
            Self::Trust => "trust",
            Self::Case => "case",
            Self::Users => "users",
            Self::Order => "order",
            Self::Bundle => "bundle",
        }
    }
}

/// One check.
#[derive(Debug, PartialEq, Eq)]
pub struct Check {
    /// The stable id of the contract.
    pub id: &'static str,
    /// What it is about.
    pub area: Area,
    /// How bad it is when it fails, unless the rule says otherwise.
    pub severity: Severity,
    /// Who must act, unless the rule says otherwise.
    pub owner: Owner,
    /// What it needs.
    pub applies_to: AppliesTo,
    /// Where it is documented.
    pub reference: Option<&'static str>,
}

impl Check {
    /// The Fluent key of its sentences: the id with dots as dashes.
    pub fn message_key(&self) -> String {
        self.id.replace('.', "-")
    }

    /// Finds a check by its id.
    pub fn by_id(id: &str) -> Option<&'static Self> {
        ALL.iter().copied().find(|check| check.id == id)
    }
}

/// Source: the Webex status page.
const STATUS_API: &str = "https://status.webex.com/";
/// Source: network, TLS and cipher requirements of an XSP|ADP for Webex for BroadWorks.
const NETWORK: &str = "https://help.webex.com/article/itsh1h";
/// Source: the Webex CA chain as trust anchor of mutual TLS.
const TRUST_CHAIN: &str = "https://help.webex.com/article/itsh1h";
/// Source: the combined chain file must be split before it is loaded.
const TRUST_SPLIT: &str = "https://help.webex.com/article/no4dlj3";
/// Source: a server certificate signed by a public CA is required.
const CERT_GUIDE: &str = "https://help.webex.com/article/itsh1h";
/// Source: what client information to collect.
const CLIENT_INFO: &str = "https://help.webex.com/article/nvemltr";
/// Source: BroadWorks N-2 life-cycle policy.
const LIFECYCLE: &str = "https://xchange.broadsoft.com/php/xchange/support/maintenancesupport/softwaremaintenancepolicies/lifecyclepolicy/broadworksservers";
/// Source: PKIX certificate profile.
const RFC5280: &str = "https://www.rfc-editor.org/rfc/rfc5280";
/// Source: validity.
const RFC5280_VALIDITY: &str = "https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.5";
/// Source: key usage.
const RFC5280_KEY_USAGE: &str = "https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.3";
/// Source: revocation lists.
const RFC5280_CRL: &str = "https://www.rfc-editor.org/rfc/rfc5280#section-5";
/// Source: path validation.
const RFC5280_PATH: &str = "https://www.rfc-editor.org/rfc/rfc5280#section-6";
/// Source: order and completeness of the served chain.
const RFC5246_CHAIN: &str = "https://www.rfc-editor.org/rfc/rfc5246#section-7.4.2";
/// Source: TLS 1.0 and 1.1 are deprecated.
const RFC8996: &str = "https://www.rfc-editor.org/rfc/rfc8996";
/// Source: service identity.
const RFC9525: &str = "https://www.rfc-editor.org/rfc/rfc9525";
/// Source: CA/Browser Forum baseline requirements.
const CABF_BR: &str = "https://cabforum.org/working-groups/server/baseline-requirements/requirements/";

macro_rules! checks {
    ($($name:ident: $id:literal $area:ident $severity:ident $owner:ident $applies:ident $reference:expr;)*) => {
        $(
            #[doc = concat!("`", $id, "`")]
            pub static $name: Check = Check {
                id: $id,
                area: Area::$area,
                severity: Severity::$severity,
                owner: Owner::$owner,
                applies_to: AppliesTo::$applies,
                reference: $reference,
            };
        )*

        /// All checks, in the order of the contract.
        pub static ALL: &[&Check] = &[$(&$name),*];
    };
}

checks! {
    STATUS_REACHABLE: "status.reachable" Status Unknown Unknown Status Some(STATUS_API);
    STATUS_COMPONENT: "status.component" Status Warning Webex Status Some(STATUS_API);
    STATUS_INCIDENT: "status.incident" Status Warning Webex Status Some(STATUS_API);
    STATUS_MAINTENANCE: "status.maintenance" Status Info Webex Status Some(STATUS_API);
    STATUS_INCIDENT_AT_TIME: "status.incident-at-time" Status Warning Webex Status Some(STATUS_API);
    TLS_CONNECT: "tls.connect" Tls Critical ServiceProvider Target Some(NETWORK);
    TLS_HANDSHAKE: "tls.handshake" Tls Critical ServiceProvider Target Some(NETWORK);
    TLS_PROTOCOL: "tls.protocol" Tls Critical ServiceProvider Target Some(NETWORK);
    TLS_LEGACY_PROTOCOL: "tls.legacy-protocol" Tls Warning ServiceProvider Target Some(RFC8996);
    TLS_CIPHER: "tls.cipher" Tls Critical ServiceProvider Target Some(NETWORK);
    TLS_MIXED_ADDRESSES: "tls.mixed-addresses" Tls Warning ServiceProvider Target Some(NETWORK);
    TLS_CLOCK_SKEW: "tls.clock-skew" Tls Warning ServiceProvider Target None;
    CERT_EXPIRED: "cert.expired" Cert Critical ServiceProvider Chain Some(RFC5280_VALIDITY);
    CERT_EXPIRES_SOON: "cert.expires-soon" Cert Warning ServiceProvider Chain Some(RFC5280_VALIDITY);
    CERT_NOT_YET_VALID: "cert.not-yet-valid" Cert Critical ServiceProvider Chain Some(RFC5280_VALIDITY);
    CERT_SELF_SIGNED: "cert.self-signed" Cert Critical ServiceProvider Chain Some(CERT_GUIDE);
    CERT_NOT_PUBLICLY_TRUSTED: "cert.not-publicly-trusted" Cert Critical ServiceProvider Chain Some(CERT_GUIDE);
    CERT_HOST_NAME: "cert.host-name" Cert Critical ServiceProvider Chain Some(RFC9525);
    CERT_WEAK_KEY: "cert.weak-key" Cert Warning ServiceProvider Chain Some(CABF_BR);
    CERT_WEAK_SIGNATURE: "cert.weak-signature" Cert Warning ServiceProvider Chain Some(CABF_BR);
    CERT_KEY_USAGE: "cert.key-usage" Cert Critical ServiceProvider Chain Some(RFC5280_KEY_USAGE);
    CERT_VALIDITY_PERIOD: "cert.validity-period" Cert Warning ServiceProvider Chain Some(CABF_BR);
    CERT_REVOKED: "cert.revoked" Cert Critical ServiceProvider Chain Some(RFC5280_CRL);
    CERT_MALFORMED: "cert.malformed" Cert Critical ServiceProvider Chain Some(RFC5280);
    CHAIN_INCOMPLETE: "chain.incomplete" Chain Critical ServiceProvider Chain Some(RFC5246_CHAIN);
    CHAIN_ORDER: "chain.order" Chain Warning ServiceProvider Chain Some(RFC5246_CHAIN);
    CHAIN_UNRELATED: "chain.unrelated" Chain Warning ServiceProvider Chain Some(RFC5246_CHAIN);
    CHAIN_INVALID: "chain.invalid" Chain Critical ServiceProvider Chain Some(RFC5280_PATH);
    TRUST_EXPIRED: "trust.expired" Trust Critical ServiceProvider Trust Some(TRUST_CHAIN);
    TRUST_EXPIRES_SOON: "trust.expires-soon" Trust Warning ServiceProvider Trust Some(TRUST_CHAIN);
    TRUST_NOT_YET_VALID: "trust.not-yet-valid" Trust Critical ServiceProvider Trust Some(TRUST_CHAIN);
    TRUST_ROOT_MISSING: "trust.root-missing" Trust Critical ServiceProvider Trust Some(TRUST_CHAIN);
    TRUST_INTERMEDIATE_MISSING: "trust.intermediate-missing" Trust Critical ServiceProvider Trust Some(TRUST_CHAIN);
    TRUST_NOT_A_CA: "trust.not-a-ca" Trust Critical ServiceProvider Trust Some(RFC5280);
    TRUST_PRIVATE_KEY: "trust.private-key" Trust Critical ServiceProvider Trust None;
    TRUST_DUPLICATE: "trust.duplicate" Trust Info ServiceProvider Trust Some(TRUST_CHAIN);
    TRUST_UNSPLIT: "trust.unsplit" Trust Warning ServiceProvider Trust Some(TRUST_SPLIT);
    MTLS_NOT_REQUESTED: "mtls.not-requested" Mtls Critical ServiceProvider Target Some(TRUST_CHAIN);
    MTLS_WEBEX_CA_NOT_ACCEPTED: "mtls.webex-ca-not-accepted" Mtls Critical ServiceProvider Target Some(TRUST_CHAIN);
    MTLS_ACCEPTED_CAS_UNKNOWN: "mtls.accepted-cas-unknown" Mtls Unknown ServiceProvider Target Some(TRUST_CHAIN);
    CASE_CUSTOMER_ORG: "case.customer-org" Case Warning ServiceProvider Case Some(CLIENT_INFO);
    CASE_PARTNER_ORG: "case.partner-org" Case Warning ServiceProvider Case Some(CLIENT_INFO);
    CASE_TRACKING_ID: "case.tracking-id" Case Warning ServiceProvider Case Some(CLIENT_INFO);
    CASE_USER_EMAIL: "case.user-email" Case Warning ServiceProvider Case Some(CLIENT_INFO);
    CASE_CLIENT_VERSION: "case.client-version" Case Warning ServiceProvider Case Some(CLIENT_INFO);
    CASE_TIME_FRAME: "case.time-frame" Case Warning ServiceProvider Case Some(CLIENT_INFO);
    FAULT_KNOWN: "fault.known" Fault Warning ServiceProvider Case None;
    FAULT_UNKNOWN_CODE: "fault.unknown-code" Fault Info Unknown Case None;
    USER_ERROR: "user.error" User Warning ServiceProvider Users None;
    USER_PENDING: "user.pending" User Info Customer Users None;
    USER_STUCK: "user.stuck" User Warning ServiceProvider Users None;
    USER_DUPLICATE: "user.duplicate" User Warning ServiceProvider Users None;
    CSV_MISSING_FIELD: "csv.missing-field" Csv Warning ServiceProvider Users None;
    CSV_INVALID_VALUE: "csv.invalid-value" Csv Warning ServiceProvider Users None;
    CSV_ENCODING: "csv.encoding" Csv Warning ServiceProvider Users None;
    CSV_PACKAGE_CONFLICT: "csv.package-conflict" Csv Warning ServiceProvider Users None;
    TEMPLATE_UNTRUSTED_EMAILS: "template.untrusted-emails" Template Warning ServiceProvider Case None;
    TEMPLATE_SHARE_LINK: "template.share-link" Template Warning ServiceProvider Case None;
    RELEASE_UNSUPPORTED: "release.unsupported" Release Warning ServiceProvider Case Some(LIFECYCLE);
    RELEASE_UNKNOWN: "release.unknown" Release Unknown ServiceProvider Case Some(LIFECYCLE);
    RELEASE_PATCH: "release.patch" Release Info ServiceProvider Case Some(LIFECYCLE);
    ORDER_NOT_READY: "order.not-ready" Order Warning ServiceProvider Order None;
    ORDER_CLOSED: "order.closed" Order Warning ServiceProvider Order None;
    ORDER_PAST_NO_RETURN: "order.past-no-return" Order Info Customer Order None;
    BUNDLE_REDACTED: "bundle.redacted" Bundle Ok ServiceProvider Bundle None;
    BUNDLE_INCOMPLETE: "bundle.incomplete" Bundle Warning ServiceProvider Bundle None;
    BUNDLE_TAMPERED: "bundle.tampered" Bundle Critical Unknown Bundle None;
    BUNDLE_SECRET_LEFT: "bundle.secret-left" Bundle Critical ServiceProvider Bundle None;
    BUNDLE_SIGNATURE: "bundle.signature" Bundle Critical Unknown Bundle None;
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{ALL, Check};

    #[test]
    fn ids_are_unique_and_found() {
        let ids: HashSet<_> = ALL.iter().map(|check| check.id).collect();
        assert_eq!(ids.len(), ALL.len());
        assert_eq!(
            Check::by_id("cert.expired")
                .map(super::Check::message_key)
                .as_deref(),
            Some("cert-expired")
        );
        assert_eq!(Check::by_id("cert.gone-fishing"), None);
    }

    #[test]
    fn every_check_says_what_it_makes_sure_of() {
        let catalog = crate::i18n::Catalog::new(crate::i18n::Lang::En);
        for check in ALL {
            let key = format!("check-{}", check.message_key());
            assert!(catalog.has(&key), "{key} is missing");
        }
    }
}
