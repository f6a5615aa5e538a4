//! The words that labels consist of, squashed (lower case, no diacritics, no blanks), separated by blanks.

use super::Meaning;

use Meaning as M;

/// Endings of labels. The longest ending that fits decides.
pub(super) const ENDINGS: &[(Meaning, &str)] = &[
    (
        M::User,
        "userid useruuid userguid personid personuuid benutzerid benutzerkennung benutzeruuid idkorisnika \
         korisnickiid brukerid brukeruuid idutente idutenti iddellutente idbenutzer",
    ),
    (
        M::BroadworksUser,
        "broadworksid broadworksuserid bwuserid bwid pilotuserid lineport subscriberid \
         broadworksbenutzerid broadworksbrukerid idutentebroadworks idkorisnikabroadworks \
         broadworkskorisnik idbroadworks broadworksuser",
    ),
    (
        M::UserName,
        "username loginname loginid benutzername anmeldename korisnickoime brukernavn nomeutente authuser \
         authenticationname nameid nameidentifier",
    ),
    (
        M::Email,
        "email emailaddress mailaddress emailadresse mailadresse epost epostadresse emailadresa eposta \
         adresaeposte adresaelektronickeposte indirizzoemail indirizzodiposta userprincipalname emailid \
         emailtilbruker",
    ),
    (
        M::Version,
        "clientversion clientversions appversion applicationversion webexversion sdkversion clientver \
         webexappversion kundenversion kundenversionen anwendungsversion verzijaaplikacije \
         verzijaklijenta inacicaaplikacije inacicaklijenta verzijaklijentskeaplikacije appversjon \
         klientversjon klientversjonen programversjon versjonavappen versioneapp versionedellapp versioneclient \
         versionedelclient versionedellapplicazione versioneapplicazione",
    ),
    (
        M::Release,
        "broadworksrelease broadworksversion asrelease xsprelease adprelease broadworksversjon \
         versionebroadworks verzijabroadworks broadworksutgave releasebroadworks izdanjebroadworks",
    ),
    (M::Build, "controlhubbuild controlhubversion buildcontrolhub"),
    (
        M::ErrorCode,
        "errorcode errcode errorcodes errornumber errorno fehlercode fehlernummer fehlercodes \
         sifrapogreske sifragreske kodpogreske kodgreske brojpogreske oznakapogreske feilkode feilkoden \
         feilnummer feilnr fehlernr errornr erroreinterno codiceerrore codicedierrore codicedellerrore numeroerrore codicidierrore",
    ),
    (
        M::CallId,
        "callid anrufid idpoziva samtaleid anropsid idchiamata calluuid",
    ),
    (
        M::Device,
        "deviceid deviceuuid gerateid iduredaja enhetsid iddispositivo iddeldispositivo machineid \
         geratekennung",
    ),
    (
        M::Fingerprint,
        "fingerprint thumbprint fingerabdruck otisak otisakprsta fingeravtrykk improntadigitale impronta \
         serialnumber serial seriennummer serijskibroj serienummer numerodiserie numeroseriale \
         sha256fingerprint sha1fingerprint certsha256 keyidentifier",
    ),
    (
        M::Password,
        "password passwd passwort kennwort kodeord passord passordet lozinka lozinku zaporka zaporku \
         passphrase passcode secret secretkey privatekey apikey accesskey accesskeyid secretaccesskey \
         geheimnis clientgeheimnis tajna hemmelighet segreto parolachiave paroladordine credential \
         credentials pwd psk encryptionkey sharedsecret chiavesegreta pinkode pinkod pincode kodpin pinnummer \
         codicepin brojpin voicemailpin portalpin wpakey wpa2key wpa3key wlankey wifikey networkkey presharedkey \
         wlanschlussel netzwerkschlussel sicherheitsschlussel kljucmreze nettverksnokkel chiavedirete chiavewifi \
         snmpcommunity communitystring",
    ),
    (
        M::Token,
        "token accesstoken refreshtoken idtoken bearer jwt clientassertion samlresponse samlassertion \
         codeverifier authorizationcode uploadtoken apitoken zugriffstoken tilgangstoken pristupnitoken \
         tokendiaccesso tokenvalue",
    ),
    (M::Authorization, "authorization proxyauthorization"),
    (M::Cookie, "cookie cookies"),
    (M::SetCookie, "setcookie setcookie2"),
    (
        M::SessionId,
        "sessionid jsessionid phpsessid sessid sessionkey sitzungsid aspxauth",
    ),
    (M::SipDigest, "nonce cnonce nextnonce rspauth"),
    (
        M::Signed,
        "signature xamzcredential xamzsecuritytoken keypairid googleaccessid",
    ),
    (
        M::Phone,
        "phone phonenumber phonenumbers telephone telephonenumber telefon telefonnummer telefonnummeret \
         rufnummer telefonska mobil mobile mobilenumber mobilnummer handynummer handy faxnumber faxnummer \
         telefax brojtelefona telefonskibroj brojmobitela mobitel telefono numeroditelefono \
         numerotelefono cellulare callernumber callingnumber callednumber callingparty calledparty \
         callingpartynumber calledpartynumber remotenumber dialednumber dialednumbers directorynumber \
         msisdn e164 userdn calleridnumber rufnummern mobiltelefon primaryphonenumber remotepartynumber \
         callbacknumber linenumber",
    ),
    (
        M::Extension,
        "extension nebenstelle durchwahl kucnibroj lokalnibroj interntnummer internnummer linjenummer \
         interno numerointerno estensione oldextension newextension",
    ),
    (
        M::Person,
        "firstname lastname displayname fullname givenname familyname surname middlename nickname vorname \
         nachname familienname anzeigename vollername vollstandigername prezime imeiprezime imezaprikaz \
         prikaznoime punoime fornavn etternavn mellomnavn visningsnavn fulltnavn cognome nomevisualizzato \
         nomecompleto nomecognome nomeecognome cognomeenome nomedibattesimo actorname callername \
         callingname calledname contactname ansprechpartner kontaktperson webexusername personname \
         ownername organizername attendeename participantname hostdisplayname calleridname \
         remotepartyname remotename displaynavn osobazakontakt personadicontatto callingpartyname \
         calledpartyname callerdisplayname kontaktosoba contactperson",
    ),
    (
        M::Wrote,
        "wrote schrieb geschrieben hascritto jenapisao jenapisala jenapisaola napisaoje napisalaje skrev",
    ),
    (
        M::Mac,
        "macaddress macadresse macadresa indirizzomac physicaladdress physikalischeadresse fizickaadresa \
         fysiskadresse indirizzofisico hwaddr hardwareaddress hardwareadresse",
    ),
    (
        M::Ip,
        "ipaddress ipadresse ipadresa indirizzoip clientip localip publicip remoteip sourceip actorip \
         clientaddress remoteaddr srcip dstip hostaddr",
    ),
];

/// Whole last words, for labels too short or too common as endings.
pub(super) const WORDS: &[(Meaning, &str)] = &[
    (M::Password, "pass pin pw"),
    (M::Signed, "sig"),
    (M::SipDigest, "response opaque"),
    (M::Phone, "tel fax ani dnis tn dn tlf mob"),
    (M::TelUri, "tel"),
    (M::SipUri, "sip sips"),
    (M::Extension, "ext durchwahl"),
    (M::Email, "mail mailto epost upn mel pec"),
    (M::UserName, "login uid username"),
    (M::Mac, "mac"),
    (M::Ip, "ip vip"),
    (M::Fingerprint, "sha1 sha256 md5 sn"),
    (M::Release, "release"),
    (M::Version, "version versjon versione verzija inacica ver"),
    (
        M::Somebody,
        "contact kontakt contatto referente ansprechpartnerin user benutzer nutzer anwender korisnik korisnica \
         bruker utente agent agente requester requestor reporter owner assignee engineer ingenieur technician \
         techniker tehnicar tekniker tecnico bearbeiter sachbearbeiter mitarbeiter teilnehmer sudionik deltaker \
         partecipante participant attendee organizer organisator sender absender posiljatelj avsender mittente \
         recipient empfanger primatelj mottaker destinatario admin administrator subscriber abonnent melder \
         manager supervisor employee zaposlenik ansatt dipendente operator submitter",
    ),
    (
        M::Party,
        "caller callee anrufer anruferin angerufener pozivatelj pozivateljica innringer oppringer chiamante",
    ),
];

/// Whole labels.
pub(super) const LABELS: &[(Meaning, &str)] = &[
    (M::Code, "code kod kode codice"),
    (M::Person, "ime nome navn"),
    (M::CallId, "i"),
    (M::Token, "auth"),
    (M::State, "state sessionstate relaystate"),
    (M::KeyPart, "d p q dp dq qi k inverseq"),
    (M::Number, "number nummer broj numero nr"),
    (
        M::Party,
        "called calledby callerid anruferid angerufen pozvani oppringt chiamato",
    ),
    (
        M::Somebody,
        "name cn from to cc bcc von an od za fra til da kopie kopija kopi reportedby openedby requestedby submittedby \
         raisedby assignedto gemeldetvon erstelltvon prijavio prijavila meldtav segnalatoda apertoda richiestoda",
    ),
];
