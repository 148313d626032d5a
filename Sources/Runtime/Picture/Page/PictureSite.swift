/// The pages of a live picture: the document, what of it changes, and the same as data. However many look at it, servers
/// are asked no more than once a second or so.
public final class PictureSite {
  private let maker: PictureMaker
  private var last: (picture: SuperclusterPicture, at: ContinuousClock.Instant)?

  private static let freshness = Duration.milliseconds(800)

  public init(_ maker: PictureMaker) { self.maker = maker }

  /// The page at a path; nil where there is none.
  public func answer(_ path: String) -> PageAnswer? {
    switch path {
    case "/":
      let nonce = PicturePage.nonce()
      var answer = PageAnswer(PicturePage(picture()).served(nonce: nonce))
      answer.policy = PicturePage.policy(nonce: nonce, isLive: true) + "; frame-ancestors 'none'"
      return answer
    case "/picture":
      return PageAnswer(PicturePage(picture()).content)
    case "/picture.json":
      var answer = PageAnswer(picture().value.json(indented: true).masked + "\n")
      answer.type = "application/json"
      return answer
    default: return nil
    }
  }

  private func picture() -> SuperclusterPicture {
    if let last, last.at.duration(to: .now) < PictureSite.freshness { return last.picture }
    let picture = maker.picture()
    last = (picture, .now)
    return picture
  }
}
