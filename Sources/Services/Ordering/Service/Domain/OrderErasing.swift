import CatalogAPI
import Kernel
import OrderingAPI

extension OrderCapture {
  /// The same without where it was brought and what was wished: what the books need is left.
  var withoutCustomer: OrderCapture {
    var capture = self
    capture.specialInstructions = nil
    capture.items = items.map { item in
      var item = item
      item.specialInstructions = nil
      return item
    }
    if deliveryAddress != nil { capture.deliveryAddress = DeliveryAddress(text: "erased", point: restaurantPoint) }
    return capture
  }
}
