import ServiceKit
import WebServer

/// The live page: three texts under three addresses, so that a strict content security policy holds and nothing comes from elsewhere.
enum LivePage {
  /// `/live`
  static let html = #"""
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="description" content="Restaurants, couriers and orders of the city, as they move.">
    <title>Tiffin: the city, live</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/live.css">
    <script src="/live.js" defer></script>
    </head>
    <body>
    <header>
      <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
        <path d="M9 9a7 7 0 0 1 14 0" fill="none" stroke="currentColor" stroke-width="2"/>
        <rect x="6" y="9" width="20" height="6" rx="2"/><rect x="6" y="16.5" width="20" height="6" rx="2"/><rect x="6" y="24" width="20" height="6" rx="2"/>
      </svg>
      <h1>Tiffin</h1>
      <p id="state" role="status"><span class="dot"></span><span id="state-text">Connecting</span></p>
    </header>
    <main>
      <section class="map" aria-label="Map">
        <canvas id="map" role="img" aria-label="Map of restaurants, couriers and deliveries"></canvas>
        <p id="tip" hidden></p>
        <ul class="legend" aria-label="Legend">
          <li><i class="key kitchen"></i>Restaurant</li>
          <li><i class="key free"></i>Courier, free</li>
          <li><i class="key busy"></i>Courier, busy</li>
          <li><i class="key door"></i>Waiting guest</li>
        </ul>
      </section>
      <section class="panel" aria-label="Numbers">
        <div class="figures">
          <div><strong id="f-served">0</strong><span>served today</span></div>
          <div><strong id="f-open">0</strong><span>open orders</span></div>
          <div><strong id="f-couriers">0</strong><span>couriers online</span></div>
          <div><strong id="f-door">&ndash;</strong><span>minutes to the door</span></div>
        </div>
        <h2>Where the orders are</h2>
        <ol class="stages" id="stages"></ol>
        <h2><span>Orders a minute</span><output id="rate">0</output></h2>
        <canvas id="rates" role="img" aria-label="Orders placed in each of the last thirty minutes"></canvas>
        <h2>Just now</h2>
        <ol class="events" id="events" tabindex="0" aria-label="Latest events"></ol>
      </section>
    </main>
    <noscript>This page draws the city with JavaScript; the same is at <a href="/api/city">/api/city</a>.</noscript>
    </body>
    </html>
    """#
}

extension LivePage {
  /// The page and what it loads.
  static var routes: [RawRoute] {
    [
      file("/live", "text/html; charset=utf-8", html),
      file("/live.css", "text/css; charset=utf-8", style),
      file("/live.js", "text/javascript; charset=utf-8", script)
    ]
  }

  private static func file(_ path: String, _ contentType: String, _ text: String) -> RawRoute {
    let whole = WebResponse(
      contentType: contentType, body: Array(text.utf8), cacheControl: "no-cache",
      contentSecurityPolicy: "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
    return RawRoute(.get, path, limit: .none) { _ in whole }
  }
}
