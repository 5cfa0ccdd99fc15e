extension Cuisine {
  static let lebanese = Cuisine(
    name: "lebanese", restaurants: ["Cedar & Smoke", "Beit Jamila", "Zaatar Street", "Byblos Grill", "The Fig Tree"],
    menu: """
      ## Cold mezze
      Hummus | 5.20 | Chickpeas, tahini and lemon
      Hummus beiruti | 5.80 | With parsley, chilli and broad beans
      Moutabal | 5.60 | Smoked aubergine and tahini
      Tabbouleh | 5.80 | Parsley, tomato, a little bulgur
      Fattoush | 5.80 | Crisp bread, sumac and pomegranate
      Labneh | 5.00 | Strained yoghurt, mint and olive oil
      Stuffed vine leaves | 5.60 | Rice, tomato and lemon
      Muhammara | 5.80 | Walnuts, red pepper and pomegranate
      ## Hot mezze
      Falafel | 5.80 | Five, with tahini
      Kibbeh | 6.80 | Four, lamb and pine nuts in bulgur
      Halloumi | 6.60 | Grilled, with tomato and mint
      Batata harra | 5.40 | Potatoes, garlic, chilli and coriander
      Sujuk | 6.80 | Spiced sausage, pomegranate molasses
      Cheese rakakat | 5.80 | Four crisp rolls
      Chicken liver | 6.60 | Garlic and lemon
      ## From the charcoal + Side sauce
      Shish taouk | 12.80 | Chicken, garlic and yoghurt, with toum
      Kafta | 12.80 | Minced lamb, parsley and onion
      Lamb shish | 14.80 | With grilled onion and tomato
      Mixed grill | 17.20 | One skewer of each
      Chicken wings | 8.80 | Garlic, lemon and coriander
      Grilled sea bream | 16.80 | With tarator
      ## Wraps + Wrap extras
      Chicken shawarma wrap | 8.20 | Garlic sauce and pickles
      Lamb shawarma wrap | 8.80 | Tahini, parsley and onion
      Falafel wrap | 7.40 | Tahini, turnip pickle and mint
      Halloumi wrap | 7.60 | Cucumber, tomato and olive
      ## Oven
      Manakish zaatar | 5.20 | Thyme, sesame and olive oil
      Manakish cheese | 6.20 | Akkawi cheese and nigella
      Lahm bi ajin | 6.80 | Minced lamb, tomato and chilli
      Fatayer | 5.20 | Three, spinach and sumac
      ## Sweet
      Baklava | 5.20 | Five small pieces
      Knafeh | 6.40 | Warm cheese, pastry and orange blossom
      Mint lemonade | 3.80 | Fresh
      """)
}
