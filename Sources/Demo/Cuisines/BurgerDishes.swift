extension Cuisine {
  static let burgers = Cuisine(
    name: "burgers", restaurants: ["Dockside Burger", "Smash & Salt", "The Iron Griddle", "Patty Lane", "Lighthouse Diner"],
    menu: """
      ## Burgers + Cooked, Burger extras
      The plain one | 8.20 | Beef, pickles, onion, mustard
      Cheeseburger | 8.90 | Beef, American cheese, pickles, burger sauce
      Double smash | 11.50 | Two thin patties, two cheeses, grilled onion
      Bacon and blue | 11.80 | Streaky bacon, blue cheese and onion jam
      Harbour burger | 12.50 | Beef, smoked cheddar, crisp shallots, stout gravy
      Chilli jack | 11.20 | Pepper jack, jalapeños and chipotle
      Mushroom Swiss | 11.00 | Buttered mushrooms, Swiss cheese, thyme
      Breakfast burger | 11.60 | Sausage patty, egg, hash brown and ketchup
      Lamb and mint | 12.20 | Lamb patty, feta, mint yoghurt
      ## Chicken + Heat
      Buttermilk chicken burger | 10.50 | Fried thigh, slaw and hot honey
      Grilled chicken club | 10.80 | Bacon, avocado and lemon mayonnaise
      Nashville hot | 11.20 | Cayenne butter, pickles and white bread
      Chicken tenders | 8.80 | Five, with a dip
      Wings | 8.50 | Eight, Buffalo or smoky
      ## Without meat + Burger extras
      Bean and beet burger | 9.80 | With horseradish slaw
      Halloumi stack | 10.20 | Grilled halloumi, red pepper, harissa
      Plant double | 11.80 | Two plant patties, vegan cheese
      Crispy cauliflower | 9.60 | Panko, gochujang mayonnaise
      ## Hot dogs
      New York dog | 7.50 | Onions in tomato, mustard
      Chilli cheese dog | 8.50 | Beef chilli, cheddar
      Veggie dog | 7.50 | Carrot, smoked and grilled
      ## Fries and sides + Dip
      Skin-on fries | 3.80 | Twice cooked
      Sweet potato fries | 4.50 | With smoked salt
      Loaded fries | 6.80 | Cheese sauce, bacon and spring onion
      Onion rings | 4.60 | In ale batter
      Mac and cheese | 6.20 | Three cheeses, crumb top
      Slaw | 3.00 | Cabbage, carrot and apple
      House salad | 4.80 | Leaves, radish and mustard dressing
      ## Shakes and sweet
      Vanilla shake | 5.20 | Real vanilla
      Salted caramel shake | 5.60 | With caramel crumbs
      Peanut butter shake | 5.60 | Thick
      Brownie | 4.50 | Warm, with sea salt
      Cherry pie | 4.80 | With a lattice
      """)
}
