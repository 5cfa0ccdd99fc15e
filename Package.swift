// swift-tools-version: 6.2
import CompilerPluginSupport
import Foundation
import PackageDescription

// MARK: How a target is compiled

/// The compiler's own SwiftSyntax: always of its version, and nothing of swift-syntax to build (76 s debug, 415 s release on 2 cores).
let macroLibraries: String = {
  let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
  for folder in folders {
    let compiler = URL(fileURLWithPath: "\(folder)/swiftc")
    guard FileManager.default.isExecutableFile(atPath: compiler.path) else { continue }
    let host = compiler.resolvingSymlinksInPath().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("lib/swift/host")
    if FileManager.default.fileExists(atPath: host.appendingPathComponent("SwiftSyntax.swiftmodule").path) { return host.path }
  }
  fatalError("no Swift toolchain with SwiftSyntax (usr/lib/swift/host) on PATH")
}()

let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility")
]

// MARK: The kinds of target

func targets(_ names: [String]) -> [Target.Dependency] { names.map { .init(stringLiteral: $0) } }

/// One module of the platform: knows nothing about food, and alone may use packages from outside.
func platform(_ name: String, _ uses: [String] = [], packages: [Target.Dependency] = []) -> [Target] {
  [
    .target(
      name: name, dependencies: targets(uses) + packages, path: "Sources/Platform/\(name)", swiftSettings: strict)
  ]
}

/// One service: what others may see of it, what it does, and its tests.
///
/// - Parameter calls: the services whose operations it calls. Their graph has no circle; what runs backwards goes by event.
func service(_ name: String, calls: [String] = [], hears: [String] = []) -> [Target] {
  let others = Set(calls + hears).sorted().map { "\($0)API" }
  let house = [
    "Kernel", "Wire", "ServiceKit", "Persistence", "Messaging", "Caching", "Sagas", "Resilience", "Realtime", "Settings", "Hosting", "Observability"
  ]
  return [
    .target(
      name: "\(name)API", dependencies: targets(["Kernel", "Wire", "ServiceKit"] + apiUses[name, default: []].map { "\($0)API" }),
      path: "Sources/Services/\(name)/API", swiftSettings: strict),
    .target(
      name: name, dependencies: targets(["\(name)API"] + house + others + platformUses[name, default: []]),
      path: "Sources/Services/\(name)/Service", swiftSettings: strict),
    .testTarget(
      name: "\(name)Tests", dependencies: targets([name, "\(name)API", "TestKit", "PersistenceSQLite"] + house + others),
      path: "Tests/Services/\(name)Tests")
  ]
}

/// Whose typed ids and values an API speaks of; the graph has no circle.
let apiUses: [String: [String]] = [
  "Catalog": ["Identity"], "Pricing": ["Identity", "Catalog"], "Ordering": ["Identity", "Catalog", "Pricing"],
  "Payments": ["Identity", "Catalog", "Pricing", "Ordering"], "Delivery": ["Identity", "Catalog", "Pricing", "Ordering"],
  "Notifications": ["Identity"], "Gateway": ["Identity", "Catalog", "Pricing", "Ordering", "Payments", "Delivery", "Notifications"]
]

/// What one service needs of the platform that the others do not.
let platformUses: [String: [String]] = ["Identity": ["Passwords", "Tokens", "Outreach", "WebClient"], "Gateway": ["WebServer", "Tokens"]]

// MARK: The house

let nio = "swift-nio"
let services: [[Target]] = [
  service("Identity"),
  service("Catalog", calls: ["Identity"], hears: ["Ordering"]),
  service("Pricing", calls: ["Catalog"]),
  service("Payments", hears: ["Ordering"]),
  service("Ordering", calls: ["Catalog", "Pricing", "Payments"], hears: ["Identity", "Payments", "Delivery"]),
  service("Delivery", calls: ["Catalog", "Ordering"], hears: ["Identity", "Ordering", "Catalog"]),
  service("Notifications", hears: ["Identity", "Ordering", "Payments", "Delivery", "Catalog"]),
  service("Gateway", calls: ["Identity", "Ordering", "Delivery", "Catalog", "Payments", "Notifications"])
]
let serviceNames = ["Identity", "Catalog", "Pricing", "Ordering", "Payments", "Delivery", "Notifications", "Gateway"]

let platformTargets: [[Target]] = [
  [
    .macro(
      name: "WireMacros", path: "Sources/Platform/WireMacros",
      swiftSettings: [.unsafeFlags(["-I", macroLibraries, "-O"])],  // Every expansion runs it, in debug builds too.
      linkerSettings: [
        .unsafeFlags(["-L", macroLibraries, "-Xlinker", "-rpath", "-Xlinker", macroLibraries]),
        .linkedLibrary("SwiftSyntax"), .linkedLibrary("SwiftSyntaxMacros"), .linkedLibrary("SwiftSyntaxBuilder"),
        .linkedLibrary("SwiftCompilerPluginMessageHandling")
      ]),
    .target(name: "Kernel", dependencies: ["Wire"], path: "Sources/Kernel", swiftSettings: strict),
    .target(name: "CLibRdKafka", path: "Sources/Platform/CLibRdKafka", linkerSettings: [.linkedLibrary("rdkafka")]),
    .target(name: "CLibRabbitMQ", path: "Sources/Platform/CLibRabbitMQ", linkerSettings: [.linkedLibrary("rabbitmq")]),
    .systemLibrary(name: "CCrypt", path: "Sources/Platform/CCrypt", providers: [.apt(["libcrypt-dev"])]),
    .systemLibrary(name: "CLibPQ", path: "Sources/Platform/CLibPQ", providers: [.apt(["libpq-dev"])]),
    .systemLibrary(name: "CZlib", path: "Sources/Platform/CZlib", providers: [.apt(["zlib1g-dev"])]),
    .executableTarget(name: "EmbedFiles", path: "Sources/Platform/EmbedFiles", swiftSettings: strict),
    .plugin(name: "EmbedFilesPlugin", capability: .buildTool(), dependencies: ["EmbedFiles"], path: "Plugins/EmbedFilesPlugin"),
    .systemLibrary(name: "CSQLite", path: "Sources/Platform/CSQLite", providers: [.apt(["libsqlite3-dev"])])
  ],
  platform("Wire", ["WireMacros"]),
  platform("ServiceKit", ["Kernel", "Wire"]),
  platform("Observability", ["Kernel", "Wire", "ServiceKit"], packages: [.product(name: "Logging", package: "swift-log")]),
  platform("Settings", ["Kernel"]),
  platform("Persistence", ["Kernel", "Wire", "ServiceKit"]),
  platform(
    "PersistenceSQLite", ["Kernel", "Persistence", "ServiceKit", "CSQLite"],
    packages: [.product(name: "GRDB", package: "GRDB.swift"), .product(name: "GRDBSQLite", package: "GRDB.swift")]),
  platform("PersistencePostgres", ["CLibPQ", "Kernel", "Persistence", "ServiceKit", "Observability"]),
  platform(
    "Messaging", ["Kernel", "Wire", "ServiceKit", "Persistence", "Observability", "Resilience"],
    packages: [.product(name: "Logging", package: "swift-log")]),
  platform(
    "MessagingRabbitMQ", ["CLibRabbitMQ", "Kernel", "Wire", "ServiceKit", "Messaging", "Resilience"],
    packages: [.product(name: "Logging", package: "swift-log")]),
  platform(
    "MessagingKafka", ["CLibRdKafka", "Kernel", "Wire", "ServiceKit", "Messaging", "Resilience"],
    packages: [.product(name: "Logging", package: "swift-log")]),
  platform(
    "MessagingSQS", ["Kernel", "Wire", "ServiceKit", "Messaging", "Resilience"],
    packages: [
      .product(name: "AsyncHTTPClient", package: "async-http-client"), .product(name: "Crypto", package: "swift-crypto"),
      .product(name: "NIOCore", package: nio), .product(name: "NIOPosix", package: nio), .product(name: "NIOHTTP1", package: nio),
      .product(name: "Logging", package: "swift-log")
    ]),
  platform("Caching", ["Kernel", "ServiceKit"]),
  platform(
    "Sagas", ["Kernel", "Wire", "ServiceKit", "Persistence", "Resilience", "Observability"],
    packages: [.product(name: "Logging", package: "swift-log")]),
  platform("Resilience", ["Kernel", "ServiceKit"]),
  platform(
    "Hosting", ["Kernel", "ServiceKit", "Persistence", "Messaging", "Sagas", "Caching", "Realtime", "Settings", "Observability"],
    packages: [.product(name: "Logging", package: "swift-log")]),
  platform("Realtime", ["Kernel", "Wire", "ServiceKit"]),
  platform("Discovery", ["Kernel", "Wire", "ServiceKit", "Persistence", "RedisClient", "Observability"]),
  platform(
    "HTTPTransport", ["Kernel", "Wire", "ServiceKit", "Discovery", "Resilience", "Observability"],
    packages: [
      .product(name: "NIOCore", package: nio), .product(name: "NIOPosix", package: nio), .product(name: "NIOHTTP1", package: nio),
      .product(name: "NIOHTTP2", package: "swift-nio-http2"), .product(name: "NIOHPACK", package: "swift-nio-http2"),
      .product(name: "Crypto", package: "swift-crypto")
    ]),
  platform(
    "RedisClient", ["Observability"],
    packages: [
      .product(name: "NIOCore", package: nio), .product(name: "NIOPosix", package: nio), .product(name: "NIOConcurrencyHelpers", package: nio),
      .product(name: "NIOSSL", package: "swift-nio-ssl"), .product(name: "Crypto", package: "swift-crypto")
    ]),
  platform(
    "CachingRedis", ["Kernel", "ServiceKit", "Caching", "Realtime", "RedisClient", "Observability"],
    packages: [.product(name: "NIOConcurrencyHelpers", package: nio)]),
  platform("Passwords", ["CCrypt", "ServiceKit"]),
  platform(
    "Outreach", ["Kernel", "Wire", "ServiceKit", "WebClient", "Observability"],
    packages: [
      .product(name: "NIOCore", package: nio), .product(name: "NIOPosix", package: nio), .product(name: "NIOSSL", package: "swift-nio-ssl")
    ]),
  platform(
    "Tokens", ["Kernel", "Wire", "ServiceKit"],
    packages: [.product(name: "JWTKit", package: "jwt-kit"), .product(name: "Crypto", package: "swift-crypto")]),
  platform(
    "WebServer", ["Kernel", "Wire", "ServiceKit", "Caching", "Realtime", "Observability"],
    packages: [
      .product(name: "HummingbirdCore", package: "hummingbird"), .product(name: "Logging", package: "swift-log"),
      .product(name: "NIOCore", package: nio), .product(name: "NIOPosix", package: nio), .product(name: "NIOHTTP1", package: nio),
      .product(name: "NIOConcurrencyHelpers", package: nio), .product(name: "NIOTLS", package: nio),
      .product(name: "NIOHTTP2", package: "swift-nio-http2"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
      .product(name: "Crypto", package: "swift-crypto"), .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    ]),
  platform(
    "Pages", ["Kernel", "Wire", "ServiceKit", "Settings", "WebServer", "Observability", "CZlib"],
    packages: [.product(name: "Mustache", package: "swift-mustache")]),
  platform(
    "WebClient", ["Kernel", "Wire", "ServiceKit"],
    packages: [
      .product(name: "AsyncHTTPClient", package: "async-http-client"), .product(name: "NIOCore", package: nio),
      .product(name: "NIOPosix", package: nio), .product(name: "NIOHTTP1", package: nio), .product(name: "NIOWebSocket", package: nio),
      .product(name: "NIOConcurrencyHelpers", package: nio)
    ]),
  platform(
    "TestKit",
    [
      "Kernel", "Wire", "ServiceKit", "Persistence", "PersistenceSQLite", "PersistencePostgres", "Messaging", "Sagas", "Realtime", "Settings",
      "Hosting"
    ])
]

// MARK: The web apps

/// One web app: pages over the operations of the services whose APIs it names. Its templates, scripts and messages are under Sources/Fronts/Files.
func front(_ name: String, _ apis: [String]) -> Target {
  .target(
    name: name, dependencies: targets(["Kernel", "Wire", "ServiceKit", "Pages", "WebServer"] + apis.map { "\($0)API" }),
    path: "Sources/Fronts/\(name)", swiftSettings: strict)
}

let frontNames = ["AccountWeb", "CustomerWeb", "RestaurantWeb", "CourierWeb", "AdminWeb", "LiveWeb"]
let fronts: [Target] = [
  front("AccountWeb", ["Identity", "Ordering"]),
  front("CustomerWeb", ["Identity", "Catalog", "Pricing", "Ordering", "Delivery", "Notifications"]),
  front("RestaurantWeb", ["Identity", "Catalog", "Pricing", "Ordering", "Delivery", "Notifications"]),
  front("CourierWeb", ["Identity", "Catalog", "Ordering", "Delivery"]),
  front("AdminWeb", serviceNames),
  front("LiveWeb", []),
  .target(name: "FrontFiles", path: "Sources/Fronts/FrontFiles", swiftSettings: strict, plugins: ["EmbedFilesPlugin"])
]

let package = Package(
  name: "tiffin",
  platforms: [.macOS(.v15)],
  products: [.executable(name: "tiffin", targets: ["tiffin"])],
  dependencies: [
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
    .package(url: "https://github.com/apple/swift-nio-http2", from: "1.42.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1")
  ],
  targets: platformTargets.flatMap(\.self) + services.flatMap(\.self) + fronts + [
    .target(
      name: "Simulation", dependencies: targets(["Kernel", "Wire", "ServiceKit", "WebClient"] + serviceNames.map { "\($0)API" }),
      path: "Sources/Simulation", swiftSettings: strict),
    .target(name: "Demo", dependencies: targets(["Kernel", "Wire", "ServiceKit", "WebClient"]), path: "Sources/Demo", swiftSettings: strict),
    .executableTarget(
      name: "tiffin",
      dependencies: targets(serviceNames + frontNames) + [
        "Kernel", "Wire", "ServiceKit", "FrontFiles", "Pages", "WebServer", "WebClient", "Persistence", "PersistenceSQLite", "PersistencePostgres",
        "Messaging", "MessagingRabbitMQ", "MessagingKafka", "MessagingSQS", "Caching", "CachingRedis", "RedisClient", "Realtime",
        "Discovery", "HTTPTransport", "Tokens", "Passwords", "Observability", "Settings", "Hosting", "Simulation", "Demo",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"), .product(name: "UnixSignals", package: "swift-service-lifecycle"),
        .product(name: "Logging", package: "swift-log")
      ] + targets(serviceNames.map { "\($0)API" }),
      path: "Sources/tiffin", swiftSettings: strict,
      // Relocations in a few bytes and no names for other libraries: an idle server is eight megabytes smaller. From glibc 2.36 on.
      linkerSettings: [
        // See docs/decisions/jemalloc.md.
        .linkedLibrary("jemalloc", .when(platforms: [.linux], configuration: .release)),
        .unsafeFlags(
          ["-use-ld=lld", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs", "-Xlinker", "--no-export-dynamic"],
          .when(configuration: .release))
      ]),
    .testTarget(
      name: "PlatformTests",
      dependencies: [
        "TestKit", "PersistencePostgres", "PersistenceSQLite", "Messaging", "Caching", "Sagas", "Resilience", "Realtime", "WebServer", "WebClient",
        "Passwords", "Tokens", "Observability", "Settings", "Outreach",
        "Discovery", "HTTPTransport", .product(name: "NIOPosix", package: nio), .product(name: "NIOCore", package: nio),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"), .product(name: "Logging", package: "swift-log")
      ], path: "Tests/Platform"),
    .testTarget(
      name: "RedisTests",
      dependencies: [
        "RedisClient", "CachingRedis", "Discovery", "Caching", "Realtime", "WebServer", "Wire", "TestKit", "WebClient", "Hosting", "Settings",
        "Persistence", "Identity", "IdentityAPI", "Catalog", "CatalogAPI", "Delivery", "DeliveryAPI", "Observability", "Kernel", "ServiceKit",
        .product(name: "NIOCore", package: nio)
      ], path: "Tests/Redis"),
    .testTarget(
      name: "BrokerTests",
      dependencies: [
        "TestKit", "Kernel", "Wire", "ServiceKit", "Persistence", "PersistenceSQLite", "Messaging", "MessagingRabbitMQ", "MessagingKafka",
        "MessagingSQS"
      ], path: "Tests/Brokers"),
    .testTarget(
      name: "FrontTests",
      dependencies: targets(["FrontFiles", "Pages", "WebServer", "TestKit", "Settings", "Wire", "Kernel", "ServiceKit", "Observability", "CZlib"])
        + [.product(name: "AsyncHTTPClient", package: "async-http-client")],
      path: "Tests/Fronts"),
    .testTarget(name: "DemoTests", dependencies: ["Demo", "TestKit"], path: "Tests/DemoTests"),
    .testTarget(
      name: "SimulationTests",
      dependencies: targets(
        ["Simulation", "TestKit", "WebClient", "WebServer", "Realtime", "Observability", "Wire", "Kernel", "ServiceKit"]
          + serviceNames.map { "\($0)API" }), path: "Tests/SimulationTests")
  ]
)
