extension Cuisine {
  static let mexican = Cuisine(
    name: "mexican", restaurants: ["Casa Agave", "El Faro Taquería", "Maíz", "La Sirena", "Two Brothers Burritos"],
    menu: """
      ## To share
      Guacamole and totopos | 6.80 | Mashed to order
      Queso fundido | 7.20 | Melted cheese, chorizo and tortillas
      Elote | 4.80 | Grilled corn, lime mayonnaise and chilli
      Jalapeño poppers | 6.20 | Stuffed with cream cheese
      Ceviche | 9.50 | Sea bream, lime, coriander and avocado
      Loaded nachos | 9.20 | Beans, cheese, pico de gallo and cream
      ## Tacos (three) + Salsa, Taco extras
      Al pastor | 9.80 | Pork from the spit, pineapple and onion
      Carnitas | 9.60 | Slow pork, crisp at the edges, green salsa
      Birria | 10.80 | Braised beef with its broth for dipping
      Baja fish | 10.50 | Beer batter, slaw and chipotle cream
      Pollo asado | 9.40 | Charred chicken, achiote and pickled onion
      Rajas con crema | 8.80 | Poblano strips, corn and cream
      Cauliflower | 8.80 | Roasted in mole spice, pumpkin seed salsa
      Prawn | 11.20 | Garlic, chilli and lime
      ## Burritos + Salsa, Burrito extras
      Steak burrito | 11.50 | Rice, black beans, grilled steak and guacamole
      Chicken burrito | 10.50 | Rice, pinto beans, pulled chicken and cheese
      Carnitas burrito | 10.80 | Rice, black beans and slow pork
      Bean and cheese burrito | 9.20 | Refried beans, cheese and pico de gallo
      Sweet potato burrito | 9.60 | Black beans, kale and chipotle
      ## Plates
      Enchiladas verdes | 12.20 | Chicken, tomatillo sauce and cream
      Mole poblano | 13.50 | Chicken in chilli and chocolate, with rice
      Chilaquiles | 10.20 | Tortilla chips in salsa, fried egg, fresh cheese
      Quesadilla de flor | 9.20 | Courgette flower and string cheese
      Pozole rojo | 11.80 | Hominy and pork in a red broth
      Fajitas | 14.20 | Beef or chicken, peppers, warm tortillas
      ## Sides
      Black beans | 3.20 | With epazote
      Lime rice | 3.20 | With coriander
      Pickled jalapeños | 1.80 | Ours
      ## Sweet and drinks
      Churros | 5.20 | Cinnamon sugar, dark chocolate
      Tres leches | 5.60 | Sponge in three milks
      Horchata | 3.80 | Rice, cinnamon and vanilla
      Hibiscus water | 3.40 | Cold, with orange
      """)
}
