import java.io.File;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;

/** Tomcat, what an XSP really runs: one connector that requires a client certificate, and one that asks for none. */
public class TomcatServer {
    public static void main(String[] arguments) throws Exception {
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(new File("base").getAbsolutePath());
        tomcat.addContext("", null);
        Connector required = connector("TLSv1.2", "required");
        Connector open = connector("TLSv1.2+TLSv1.3", "none");
        tomcat.setConnector(required);
        tomcat.getService().addConnector(open);
        tomcat.start();
        System.out.println("ready " + required.getLocalPort() + " " + open.getLocalPort());
        tomcat.getServer().await();
    }

    private static Connector connector(String protocols, String verification) {
        Connector connector = new Connector("org.apache.coyote.http11.Http11NioProtocol");
        connector.setPort(0);
        connector.setProperty("address", "127.0.0.1");
        connector.setScheme("https");
        connector.setSecure(true);
        connector.setProperty("SSLEnabled", "true");
        SSLHostConfig host = new SSLHostConfig();
        host.setProtocols(protocols);
        host.setCertificateVerification(verification);
        host.setTruststoreFile(new File("trust.p12").getAbsolutePath());
        host.setTruststoreType("PKCS12");
        host.setTruststorePassword("changeit");
        SSLHostConfigCertificate certificate =
            new SSLHostConfigCertificate(host, SSLHostConfigCertificate.Type.UNDEFINED);
        certificate.setCertificateKeystoreFile(new File("keys.p12").getAbsolutePath());
        certificate.setCertificateKeystoreType("PKCS12");
        certificate.setCertificateKeystorePassword("changeit");
        host.addCertificate(certificate);
        connector.addSslHostConfig(host);
        return connector;
    }
}
