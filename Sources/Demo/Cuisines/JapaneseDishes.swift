extension Cuisine {
  static let japanese = Cuisine(
    name: "japanese", restaurants: ["Kamome", "Little Lantern Ramen", "Sora Sushi", "Tokyo Quay", "Izakaya Nami"],
    menu: """
      ## Starters
      Edamame | 4.20 | With sea salt or chilli
      Chicken gyoza | 6.80 | Six, steamed and fried
      Vegetable gyoza | 6.40 | Cabbage, tofu and shiitake
      Karaage | 7.80 | Fried chicken thigh, lemon and mayonnaise
      Agedashi tofu | 6.20 | In a light broth with spring onion
      Takoyaki | 7.20 | Octopus dumplings, bonito flakes
      Wakame salad | 4.80 | Seaweed, sesame and cucumber
      ## Ramen + Noodles, Ramen extras
      Tonkotsu | 13.20 | Pork bone broth of eighteen hours, chashu, egg
      Shoyu | 12.50 | Clear chicken broth, soy and bamboo
      Spicy miso | 13.50 | Minced pork, corn, chilli oil
      Shio with clams | 13.80 | Salt broth, clams and yuzu
      Mushroom and soy milk | 12.20 | Creamy, without any animal
      Tantanmen | 13.00 | Sesame, minced chicken and pak choi
      ## Rice bowls + Rice size
      Katsu curry | 12.80 | Breaded chicken, curry sauce, pickles
      Tofu katsu curry | 11.80 | Breaded tofu, curry sauce, pickles
      Gyudon | 12.20 | Beef and onion in sweet soy
      Oyakodon | 11.80 | Chicken and egg
      Unagi don | 16.50 | Grilled eel with sansho pepper
      Salmon chirashi | 15.20 | Raw salmon, roe, cucumber and shiso
      ## Sushi + Wasabi
      Salmon nigiri | 5.20 | Two pieces
      Tuna nigiri | 5.80 | Two pieces
      Prawn nigiri | 5.00 | Two pieces
      California roll | 8.20 | Eight pieces, crab, avocado and sesame
      Spicy tuna roll | 9.20 | Eight pieces, chilli mayonnaise
      Avocado maki | 5.60 | Six pieces
      Dragon roll | 12.80 | Prawn tempura under avocado and eel
      Sashimi plate | 15.80 | Twelve slices of the day
      ## Noodles
      Chicken yaki udon | 11.80 | Thick noodles, cabbage and soy
      Prawn tempura udon | 13.20 | Hot broth, two prawns
      Zaru soba | 9.80 | Cold buckwheat noodles with dipping sauce
      ## Sweet
      Mochi ice cream | 5.20 | Three: green tea, mango and black sesame
      Matcha cheesecake | 5.80 | Light and barely sweet
      """)
}
