#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// JSON by `Codable`, and Base64 (RFC 4648, section 4), as bytes.
package enum Coding {
  package static func json(_ value: some Encodable) throws -> [UInt8] { Array(try JSONEncoder().encode(value)) }

  package static func value<Value: Decodable>(_ type: Value.Type = Value.self, json: [UInt8]) throws -> Value {
    try JSONDecoder().decode(type, from: Data(json))
  }

  package static func base64(_ bytes: some Sequence<UInt8>) -> String { Data(bytes).base64EncodedString() }

  package static func bytes(base64 text: String) -> [UInt8]? { Data(base64Encoded: text).map(Array.init) }
}

/// As URLs write bytes that have no place in them: `%20` (RFC 3986, section 2.1).
extension StringProtocol {
  /// With every byte escaped that is no letter of ASCII, no digit and none of `plain`.
  package func percentEncoded(keeping plain: String = "-._~") -> String {
    var encoded = ""
    for byte in utf8 {
      let isWord = (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
      if isWord || plain.utf8.contains(byte) {
        encoded.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        encoded += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
      }
    }
    return encoded
  }

  /// The text that was meant; nil if a `%` has no two hexadecimal digits behind it.
  package var percentDecoded: String? {
    var plain: [UInt8] = []
    var rest = Array(utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        plain.append(byte)
        continue
      }
      let digits = rest.prefix(2)
      guard digits.count == 2, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16) else { return nil }
      plain.append(value)
      rest = rest.dropFirst(2)
    }
    return String(decoding: plain, as: UTF8.self)
  }
}

extension String {
  /// In double quotes, with the escapes `\" \\ \n \t \r` that all languages here share.
  ///
  /// - Parameters:
  ///   - more: what else has a backslash before it.
  ///   - code: writes another control character by its number, which it gets in hexadecimal digits.
  package func quoted(escaping more: String = "", code: (String) -> String) -> String {
    var text = "\""
    for scalar in unicodeScalars {
      switch scalar {
      case "\n": text += "\\n"
      case "\t": text += "\\t"
      case "\r": text += "\\r"
      case _ where scalar.value < 0x20 || scalar.value == 0x7f: text += code(String(scalar.value, radix: 16))
      case _ where scalar == "\"" || scalar == "\\" || more.unicodeScalars.contains(scalar): text += "\\\(scalar)"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }
}
