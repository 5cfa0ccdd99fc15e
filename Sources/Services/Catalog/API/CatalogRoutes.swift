public import ServiceKit

private let ifMatch = ["if-match": "version"]

/// Every URL of the catalogue.
public let catalogRoutes: [Route] =
  [
    Route(.post, "/api/tenants", CreateTenant.self, success: 201),
    Route(.get, "/api/tenants", ListTenants.self),
    Route(.get, "/api/admin/tenants", ListTenants.self),
    Route(.get, "/api/tenants/:tenantId", GetTenant.self),

    Route(.post, "/api/restaurants", CreateRestaurant.self, success: 201),
    Route(.get, "/api/restaurants", ListRestaurants.self),
    Route(.get, "/api/restaurants/search", ListRestaurants.self),
    Route(.get, "/api/restaurants/:restaurantId", GetRestaurant.self),
    Route(.patch, "/api/restaurants/:restaurantId", UpdateRestaurant.self, headers: ifMatch),
    Route(.put, "/api/restaurants/:restaurantId", UpdateRestaurant.self, headers: ifMatch),
    Route(.patch, "/api/restaurants/:restaurantId/pace", SetRestaurantPace.self, headers: ifMatch),
    Route(.put, "/api/restaurants/:restaurantId/pace", SetRestaurantPace.self, headers: ifMatch),
    Route(.delete, "/api/restaurants/:restaurantId", CloseRestaurant.self),
    Route(.get, "/api/my-restaurants", ListMyRestaurants.self),
    Route(.get, "/api/admin/restaurants/waiting", ListWaitingRestaurants.self),
    Route(.post, "/api/admin/restaurants/:restaurantId/approval", ApproveRestaurant.self),
    Route(.get, "/v1/restaurants", ListRestaurants.self),
    Route(.get, "/v1/restaurants/search", ListRestaurants.self),
    Route(.get, "/v1/restaurants/:restaurantId", GetRestaurant.self),

    Route(.get, "/api/restaurants/:restaurantId/menu", GetMenu.self),
    Route(.get, "/v1/restaurants/:restaurantId/menu", GetMenu.self),
    Route(.get, "/api/menu/:restaurantId", GetMenu.self),

    Route(.get, "/api/restaurants/:restaurantId/categories", ListCategories.self),
    Route(.post, "/api/menus/categories", CreateCategory.self, success: 201),
    Route(.patch, "/api/menus/categories/:categoryId", UpdateCategory.self, headers: ifMatch),
    Route(.put, "/api/menus/categories/:categoryId", UpdateCategory.self, headers: ifMatch),
    Route(.delete, "/api/menus/categories/:categoryId", DeleteCategory.self),

    Route(.post, "/api/menus/items/batch", CreateMenuItems.self, success: 201),
    Route(.patch, "/api/menus/items/:menuItemId/availability", SetItemAvailability.self, headers: ifMatch),
    Route(.put, "/api/menus/items/:menuItemId/availability", SetItemAvailability.self, headers: ifMatch),
    Route(.get, "/api/menus/items/:menuItemId/prices", ListItemPrices.self)
  ] + itemRoutes

/// The three descriptions name the items' path differently; each is the same operations.
private let itemRoutes: [Route] =
  ["/api/menus/items", "/api/menu/items", "/v1/menu/items"].flatMap { path in
    [
      Route(.post, path, CreateMenuItem.self, success: 201),
      Route(.get, path, ListMenuItems.self),
      Route(.get, "\(path)/:menuItemId", GetMenuItem.self),
      Route(.patch, "\(path)/:menuItemId", UpdateMenuItem.self, headers: ifMatch),
      Route(.put, "\(path)/:menuItemId", UpdateMenuItem.self, headers: ifMatch),
      Route(.delete, "\(path)/:menuItemId", DeleteMenuItem.self)
    ]
  } + [Route(.post, "/api/menu", CreateMenuItem.self, success: 201)]
