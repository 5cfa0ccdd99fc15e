extension Cuisine {
  static let chinese = Cuisine(
    name: "chinese", restaurants: ["Jade Rabbit", "Nine Dumplings", "Sichuan Alley", "Golden Junk", "Mei's Canteen"],
    menu: """
      ## Dim sum
      Har gow | 6.20 | Four prawn dumplings in clear skins
      Siu mai | 6.00 | Four, pork and prawn
      Xiao long bao | 7.20 | Six soup dumplings of pork
      Char siu bao | 5.40 | Two steamed buns, roast pork
      Pot stickers | 6.60 | Six, pork and cabbage
      Mushroom buns | 5.20 | Two, shaped like mushrooms
      Turnip cake | 5.60 | Pan fried, with spring onion
      Chilli oil wontons | 6.80 | Eight, garlic and black vinegar
      ## Cold and small
      Smacked cucumber | 4.80 | Garlic and sesame
      Salt and pepper tofu | 6.80 | Chilli and spring onion
      Spring onion pancake | 4.80 | Flaky, with soy
      Prawn crackers | 2.60 | A big bag
      ## Wok and clay pot + Heat, Rice size
      Mapo tofu | 10.20 | Soft tofu, minced pork, Sichuan pepper
      Kung pao chicken | 11.20 | Peanuts, dried chillies and vinegar
      Dan dan aubergine | 9.80 | Fried aubergine, chilli oil, sesame
      Sweet and sour pork | 11.20 | With pineapple, crisp
      Beef in black bean | 12.20 | Green pepper and onion
      Red braised pork belly | 12.80 | Shaoxing wine and star anise
      Twice-cooked pork | 11.80 | Leek and fermented beans
      Dry fried green beans | 8.80 | Preserved mustard greens
      Three cup chicken | 12.20 | Basil, sesame oil and rice wine
      Steamed sea bass | 16.20 | Ginger, spring onion and hot oil
      Lemon chicken | 11.20 | Crisp, sharp and sweet
      ## Noodles and rice
      Dan dan noodles | 9.80 | Minced pork, sesame and chilli oil
      Beef chow fun | 11.20 | Wide rice noodles, bean sprouts
      Singapore noodles | 10.80 | Thin noodles, curry powder, prawns
      Longevity noodles | 9.60 | Mushrooms and greens
      Yangzhou fried rice | 9.80 | Prawns, roast pork and egg
      Egg fried rice | 5.20 | Plain and good
      Steamed rice | 3.00 | Jasmine
      ## Roasts
      Quarter of crispy duck | 13.20 | Pancakes, cucumber and hoisin
      Char siu plate | 11.20 | Honey roast pork with greens
      ## Sweet
      Egg tarts | 4.20 | Two, warm
      Sesame balls | 4.60 | Four, with red bean
      """)
}
