extension Cuisine {
  static let vietnamese = Cuisine(
    name: "vietnamese", restaurants: ["Pho Lantern", "Saigon Steps", "Hoi An House", "Bamboo Bridge", "Banh Mi Boys of Tar Street"],
    menu: """
      ## Rolls and small plates
      Summer rolls with prawn | 6.20 | Two, herbs, rice noodles and peanut dip
      Summer rolls with tofu | 5.60 | Two, herbs, mango and hoisin
      Imperial rolls | 6.40 | Four fried rolls, pork and glass noodles
      Bánh xèo | 9.80 | Sizzling pancake, prawn, pork and bean sprouts
      Lemongrass wings | 7.20 | Six, sticky
      Green mango salad | 8.20 | Dried shrimp, peanuts and mint
      Lotus root salad | 8.60 | Prawn, pork and crisp shallots
      Salt and chilli squid | 8.20 | With lime and pepper
      ## Pho + Pho extras
      Pho bò tái | 11.80 | Beef broth of a day, rare beef
      Pho bò đặc biệt | 13.20 | Rare beef, brisket and meatballs
      Pho gà | 11.20 | Chicken broth, ginger and spring onion
      Pho chay | 10.80 | Mushroom broth, tofu and greens
      Prawn pho | 12.80 | Chicken broth, prawns and lime
      ## Other soups
      Bún bò Huế | 12.80 | Beef and lemongrass, hot, round noodles
      Hủ tiếu | 12.20 | Pork and prawn, clear broth
      Wonton soup | 10.20 | Egg noodles and greens
      ## Bánh mì + Heat
      Classic bánh mì | 7.20 | Pâté, ham, pickled carrot and coriander
      Grilled pork bánh mì | 7.60 | Lemongrass pork, mayonnaise and chilli
      Chicken bánh mì | 7.40 | Roasted with five spice
      Tofu bánh mì | 6.80 | Lemongrass tofu and pickles
      Meatball bánh mì | 7.60 | In tomato sauce
      ## Bún and rice + Protein
      Bún chả | 11.80 | Grilled pork patties, noodles, herbs and dip
      Bún thịt nướng | 11.60 | Lemongrass meat, cold noodles, peanuts
      Broken rice plate | 12.20 | Grilled chop, egg and pickles
      Shaking beef | 14.80 | Cubed beef, pepper and watercress
      Caramel claypot | 12.80 | Fish sauce caramel and black pepper
      Lemongrass and chilli stir fry | 11.20 | With onion and rice
      Fried rice Saigon | 9.80 | Sausage, egg and peas
      ## Drinks and sweet
      Iced coffee | 4.20 | Dark roast and condensed milk
      Egg coffee | 4.80 | Whipped yolk, like a dessert
      Chè ba màu | 4.80 | Three colours: beans, jelly and coconut
      Banana fritters | 5.20 | With sesame and coconut ice cream
      """)
}
