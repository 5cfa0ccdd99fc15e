public import ServiceKit
public import Wire

/// Changes the caller's names, phone and picture; what is left out stays, what is empty goes.
@Wire public struct UpdateProfile: Operation {
  public static let address = OperationAddress("identity", "updateProfile")
  public static let access = Access.signedIn
  public static let repeatability = Repeatability.idempotent
  public typealias Reply = Account
  public typealias Refusal = ReadMeRefusal

  @Field(.length(0...100)) public var firstName: String?
  @Field(.length(0...100)) public var lastName: String?
  /// To be called at; signing in takes a number that was verified.
  @Field(.length(0...32)) public var phone: String?
  /// The https address of a picture.
  @Field(.length(0...500)) public var photoUrl: String?
}
