//! Secrets that no delimiter announces.

use super::{check, of};
use crate::scan::{Kind, spans};

/// The one secret in each text; none when empty.
const CASES: &[(&str, &str)] = &[
    ("see https://user:S3cr3tPw@host.example.net/path", "S3cr3tPw"),
    ("jdbc:mysql://root:Tr0mb0ne@db.example.net:3306/x", "Tr0mb0ne"),
    ("ftp://a:b1c2d3@192.0.2.1/x", "b1c2d3"),
    ("amqp://guest:gu-est@mq.example.net", "gu-est"),
    ("ldap://cn=admin:pw1x@ldap.example.net", "pw1x"),
    ("sip:5008:se-cret@as.example.net", "se-cret"),
    ("https://user:p@ss@host.example.net/", "p@ss"),
    ("https://user@host.example.net/", ""),
    ("https://host.example.net:8443/a@b", ""),
    ("<param name=\"password\" value=\"Lm9-sierra\"/>", "Lm9-sierra"),
    ("<add key=\"Password\" value=\"Lm9 tango\" />", "Lm9 tango"),
    ("<entry key=\"password\">Lm9-uniform</entry>", "Lm9-uniform"),
    ("<param name=\"colour\" value=\"green-7\"/>", ""),
    ("<entry key=\"colour\">green-7</entry>", ""),
    ("--password Lm9-victor -x", "Lm9-victor"),
    ("a\n--password Lm9-victor -x", "Lm9-victor"),
    ("run --passphrase 'Lm9 victor' -x", "Lm9 victor"),
    ("/go?next=%2Fa%3Fpassword%3DLm9uniform%26x%3D1", "Lm9uniform"),
    ("authorization=Bearer%20abc123def456ghi", "abc123def456ghi"),
    ("set password Hk7-uniform", "Hk7-uniform"),
    ("the password is Hk7-victor.", "Hk7-victor"),
    ("The passcode is 4711, ok", "4711"),
    ("Das Passwort lautet Hk7xray", "Hk7xray"),
    ("Kennwort ist 'Hk7-xray'", "Hk7-xray"),
    ("lozinka je Hk7-xray", "Hk7-xray"),
    ("passordet er Hk7-xray", "Hk7-xray"),
    ("password è Hk7-xray", "Hk7-xray"),
    ("The password is incorrect", ""),
    ("password is required by policy", ""),
    ("changed the password 2026-01-02 for all", ""),
    ("reset password for ana@example.com", ""),
    ("password expired 3 days ago", ""),
    ("{\"secret\":{\"value\":\"Nested-Secret1\"}}", "Nested-Secret1"),
    ("{\"colour\":{\"value\":\"Nested-Green1\"}}", ""),
    ("a?access_token=ya29abcdef&state=x", "ya29abcdef"),
    ("access_token=ya29abcdef&state=x", "ya29abcdef"),
    ("refresh_token=ya29abcdef&grant=y", "ya29abcdef"),
    ("/go?next=%2fa%3fpassword%3dLm9uniform%26x%3d1", "Lm9uniform"),
    ("password=%22Lm9%2Bzulu%22&x=1", "Lm9%2Bzulu"),
    ("password=%22Lm9zulu", "%22Lm9zulu"),
    (
        "&quot;password&quot;:&quot;Lm9&amp;zulu one&quot;,",
        "Lm9&amp;zulu one",
    ),
    ("nova zaporka je Hk7-xray", "Hk7-xray"),
    ("zaporku Hk7-xray treba promijeniti", "Hk7-xray"),
    ("s lozinkom Hk7-xray", "Hk7-xray"),
    ("passordet Hk7-xray", "Hk7-xray"),
    ("zaporka je istekla", ""),
    ("zaporka mora imati 12 znakova", ""),
    ("Lozinka za portal je Hk7-xray", "Hk7-xray"),
    ("password for the portal is Hk7-xray", "Hk7-xray"),
    ("password was reset to Hk7-xray", "Hk7-xray"),
    ("Passwort für das Portal lautet Hk7-xray", "Hk7-xray"),
    ("password for the portal is required", ""),
    ("password of user 4711 is wrong", ""),
    ("| Password | Hk7-xray |", "Hk7-xray"),
    ("| Password | Role |", ""),
    ("username x password 7 0822455D0A16", "0822455D0A16"),
    (
        "username x secret 5 $1$mERr$hx5r/t7rPNoS4wqbXKX7m0",
        "$1$mERr$hx5r/t7rPNoS4wqbXKX7m0",
    ),
    ("Connect -ClientSecret Hk7xray99 -Tenant x", "Hk7xray99"),
    ("Secretary 2026 and secrets 4711", ""),
    ("mysql -u root -pHk7xray -h db", "Hk7xray"),
    ("/usr/bin/mysqldump -uroot -p'Hk7 xray' db", "Hk7 xray"),
    ("mariadb -pHk7xray", "Hk7xray"),
    ("mysql -u root -p bwdb", ""),
    ("mysql -P 3306 bwdb; mkdir -pv /x", ""),
    ("sshpass -p Hk7xray ssh bwadmin@host", "Hk7xray"),
    ("sshpass -pHk7xray ssh bwadmin@host", "Hk7xray"),
    ("plink -pw Hk7xray bwadmin@host", "Hk7xray"),
    ("ldapsearch -D cn=x -w Hk7xray -b dc=x", "Hk7xray"),
    ("netstat -w 5", ""),
    ("jdbc:oracle:thin:scott/Hk7xray@db.example.net:1521/X", "Hk7xray"),
    ("jdbc:oracle:thin:scott/Hk7xray@//db.example.net/X", "Hk7xray"),
    ("sqlplus -s scott/Hk7xray@ORCL", "Hk7xray"),
    ("/home/ana/ana@example.com", ""),
    ("https://h.example/a/ana@example.com", ""),
    ("/cb?code=SplxlOBeZQQYbYS6WxSbIA&x=1", "SplxlOBeZQQYbYS6WxSbIA"),
    ("/cb?x=1&state=af0ifjsldkj12345", "af0ifjsldkj12345"),
    (
        "grant_type=authorization_code&code=Zk3vQ9pLx71TgT2m",
        "Zk3vQ9pLx71TgT2m",
    ),
    ("/orders?state=open&code=5302", ""),
    ("/orders?state=2026-01-02&code=BATCH-1017017", ""),
    ("state=CONNECTED code=403", ""),
];

#[test]
fn secrets_that_no_delimiter_announces() {
    for (text, secret) in CASES {
        let found = spans(text.as_bytes());
        check(text.as_bytes(), &found);
        let mut secrets: Vec<&str> = found
            .iter()
            .filter(|span| matches!(span.kind, Kind::Password | Kind::Token | Kind::Cookie))
            .map(|span| &text[span.start..span.end])
            .collect();
        if secret.is_empty() {
            assert!(secrets.is_empty(), "{text}: {secrets:?}");
        } else {
            assert_eq!(secrets.pop(), Some(*secret), "{text}");
            assert!(secrets.is_empty(), "{text}: {secrets:?}");
        }
    }
}

#[test]
fn keys_with_something_before_each_line() {
    for prefix in ["", "  ", "> ", "2026-11-20 INFO ", "+", "-", "\t"] {
        let text = [
            "-----BEGIN RSA PRIVATE KEY-----",
            "MIIabc123",
            "-----END RSA PRIVATE KEY-----",
            "after",
        ]
        .map(|line| format!("{prefix}{line}\n"))
        .concat();
        let keys = of(Kind::PrivateKey, &text);
        assert_eq!(keys.len(), 1, "{text}");
        assert!(
            keys[0].contains("MIIabc123") && !keys[0].contains("after"),
            "{text}"
        );
    }
    let text = "PuTTY-User-Key-File-3: ssh-rsa\nPrivate-Lines: 2\nAAAAgQ1\nAAAAgQ2=\nPrivate-MAC: 00\n";
    assert_eq!(of(Kind::PrivateKey, text), ["AAAAgQ1\nAAAAgQ2="]);
}
