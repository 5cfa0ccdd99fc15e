import Pages

/// What a browser says it is, in words that its owner knows.
struct Device {
  let browser: String?
  let system: String?

  var isPhone: Bool { system == "Android" || system == "iPhone" || system == "iPad" }

  init(_ agent: String?) {
    let agent = agent ?? ""
    // Browsers name those that they want to be taken for as well: the rarer name is the true one.
    browser =
      [
        ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"),
        ("Chrome", "Chrome"), ("Safari", "Safari"), ("curl", "curl")
      ].first { agent.contains($0.0) }?.1
    system =
      [
        ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "Mac"), ("CrOS", "ChromeOS"),
        ("Linux", "Linux")
      ].first { agent.contains($0.0) }?.1
  }

  func name(_ texts: Texts) -> String {
    switch (browser, system) {
    case (let browser?, let system?): texts("account.sessions.device", ["browser": browser, "system": system])
    case (let one?, nil), (nil, let one?): one
    case (nil, nil): texts["account.sessions.unknown"]
    }
  }
}
