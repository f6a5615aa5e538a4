//! `/sd`: the configured targets for Prometheus' HTTP service discovery, so that several servers can share one list.

use serde_json::{Value, json};

use super::plan::Target;
use crate::probe::observation::Scheme;

/// A list of target groups. [Prometheus, "HTTP SD"]
pub(super) fn json(targets: &[Target]) -> String {
    let groups: Vec<Value> = targets
        .iter()
        .filter_map(|target| {
            let endpoint = target.endpoints.first()?;
            let module = match endpoint.scheme {
                Scheme::Https => "https",
                Scheme::Cti => "cti",
                Scheme::Auth => "auth",
            };
            Some(json!({
                "targets": [target.name],
                "labels": {
                    "__meta_w4b_module": module,
                    "__meta_w4b_host": endpoint.host,
                    "__meta_w4b_port": endpoint.port.to_string(),
                },
            }))
        })
        .collect();
    Value::Array(groups).to_string()
}

#[cfg(test)]
mod tests {
    use super::{Target, json};
    use crate::probe::observation::Scheme;
    use crate::probe::target::Endpoint;

    #[test]
    fn the_form_of_http_service_discovery() {
        let endpoint = Endpoint::new(Scheme::Cti, "2001:db8::1", 8012, None).expect("a target");
        insta::assert_snapshot!(
            json(&[Target::single(endpoint)]),
            @r#"[{"targets":["cti://[2001:db8::1]:8012"],"labels":{"__meta_w4b_module":"cti","__meta_w4b_host":"2001:db8::1","__meta_w4b_port":"8012"}}]"#
        );
        assert_eq!(json(&[]), "[]");
    }
}
