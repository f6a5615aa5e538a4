import java.io.File;
import java.net.InetAddress;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** TLS by Java itself: three ports that need (1.2), need (1.3) and want (both) a client certificate. */
public class JsseServer {
    public static void main(String[] arguments) throws Exception {
        char[] password = "changeit".toCharArray();
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(KeyStore.getInstance(new File("keys.p12"), password), password);
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(KeyStore.getInstance(new File("trust.p12"), password));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        StringBuilder ready = new StringBuilder("ready");
        String[][] versions = {{"TLSv1.2"}, {"TLSv1.3"}, {"TLSv1.3", "TLSv1.2"}};
        for (String[] enabled : versions) {
            SSLServerSocket socket = (SSLServerSocket) context.getServerSocketFactory()
                .createServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
            socket.setEnabledProtocols(enabled);
            if (enabled.length == 1) {
                socket.setNeedClientAuth(true);
            } else {
                socket.setWantClientAuth(true);
            }
            ready.append(' ').append(socket.getLocalPort());
            new Thread(() -> accept(socket)).start();
        }
        System.out.println(ready);
    }

    private static void accept(SSLServerSocket socket) {
        while (true) {
            try {
                SSLSocket peer = (SSLSocket) socket.accept();
                new Thread(() -> serve(peer)).start();
            } catch (Exception error) {
                return;
            }
        }
    }

    private static void serve(SSLSocket peer) {
        try (peer) {
            peer.startHandshake();
            while (peer.getInputStream().read() >= 0) {
                // The CTI interface says nothing of its own accord.
            }
        } catch (Exception error) {
            // A client that hangs up.
        }
    }
}
