extension Cuisine {
  static let thai = Cuisine(
    name: "thai", restaurants: ["Lemongrass Pier", "Baan Chaba", "Sweet Basil", "Chiang Mai Corner", "Rice Boat"],
    menu: """
      ## Starters
      Chicken satay | 7.20 | Four skewers, peanut sauce and cucumber
      Vegetable spring rolls | 5.80 | Glass noodles, carrot, plum sauce
      Fish cakes | 7.20 | Red curry paste, lime leaf, sweet chilli
      Prawn toast | 7.40 | Sesame and white pepper
      Corn fritters | 5.80 | With lime leaf
      Crispy squid | 7.80 | Garlic and white pepper
      ## Soup and salad + Heat
      Tom yum prawn | 8.20 | Lemongrass, galangal and mushrooms, sour and hot
      Tom kha chicken | 7.80 | Coconut milk, galangal and lime
      Som tam | 8.20 | Green papaya pounded with peanuts and lime
      Larb gai | 9.20 | Minced chicken, mint and roasted rice
      Weeping tiger salad | 11.20 | Grilled beef, herbs and tamarind
      Glass noodle salad | 9.20 | Prawns, pork and celery leaf
      ## Curries + Heat, Protein
      Green curry | 11.20 | Thai aubergine, bamboo and basil
      Red curry | 11.20 | Bamboo, lime leaf and long beans
      Massaman | 12.20 | Potato, peanuts, cinnamon and tamarind
      Panang | 11.80 | Thick, with peanuts and lime leaf
      Jungle curry | 11.20 | No coconut, many herbs, fierce
      Roast duck curry | 14.20 | Pineapple, grapes and cherry tomatoes
      Yellow curry | 11.00 | Turmeric, potato and onion
      ## Wok + Protein
      Pad thai | 11.20 | Rice noodles, egg, tamarind and peanuts
      Pad see ew | 11.00 | Wide noodles, dark soy and greens
      Drunken noodles | 11.20 | Chilli, holy basil and green pepper
      Pad kra pao | 11.20 | Minced meat, holy basil, fried egg
      Cashew stir fry | 11.80 | Roasted chilli and spring onion
      Ginger and black fungus | 10.80 | With yellow bean
      Pineapple fried rice | 10.80 | Raisins, cashews and curry powder
      Garlic and pepper prawns | 13.80 | On fried cabbage
      ## Sides
      Jasmine rice | 3.20 | Steamed
      Sticky rice | 3.60 | In a basket
      Morning glory | 6.80 | Garlic and yellow bean
      ## Sweet
      Mango sticky rice | 6.20 | Coconut cream and sesame
      Thai tea | 3.80 | Cold, with condensed milk
      """)
}
