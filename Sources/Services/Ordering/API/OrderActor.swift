public import Wire

/// As what somebody moves an order: administrators act as staff, the courier through the steps of a delivery.
public enum OrderActor: String, WireEnum, Hashable { case customer, staff, system, courier }
