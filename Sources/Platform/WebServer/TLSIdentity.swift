import NIOSSL

/// A certificate with its chain, and its key, with which the server proves who it is; TLS 1.2 or newer, HTTP/2 preferred.
public struct TLSIdentity: Sendable {
  let context: NIOSSLContext

  /// Why a certificate or key cannot be used.
  public struct Fault: Error, Sendable, CustomStringConvertible {
    /// Whether the key is at fault, else the certificate.
    public let isOfKey: Bool
    public let description: String
  }

  /// - Parameters:
  ///   - certificate: a file in PEM with the certificate, and those between it and its root.
  ///   - key: a file in PEM with the private key, without a password.
  public init(certificate: String, key: String) throws(Fault) {
    let chain: [NIOSSLCertificateSource]
    do { chain = try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) } } catch {
      throw Fault(isOfKey: false, description: "must be a file with certificates in PEM: \(certificate) cannot be read as one")
    }
    if chain.isEmpty { throw Fault(isOfKey: false, description: "must be a file with certificates in PEM: \(certificate) has none") }
    let secret: NIOSSLPrivateKey
    do { secret = try NIOSSLPrivateKey(file: key, format: .pem) } catch {
      throw Fault(isOfKey: true, description: "must be a file with a private key in PEM: \(key) cannot be read as one")
    }
    var terms = TLSConfiguration.makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(secret))
    terms.minimumTLSVersion = .tlsv12
    terms.applicationProtocols = ["h2", "http/1.1"]
    do { context = try NIOSSLContext(configuration: terms) } catch {
      throw Fault(isOfKey: true, description: "must be the key of the certificate: \(key) is not")
    }
  }
}
