extension Cuisine {
  static let seafood = Cuisine(
    name: "seafood", restaurants: ["The Salt Pan", "Harbour Fryer", "Crab & Anchor", "Tidewater", "Old Pilot's Fish Bar"],
    menu: """
      ## From the fryer + Batter, Fryer sauce
      Cod and chips | 11.80 | Day boat cod, beef dripping chips
      Haddock and chips | 11.60 | Skin on, the northern way
      Plaice and chips | 12.20 | In crumb, with lemon
      Scampi and chips | 11.20 | Whole tails, tartare sauce
      Skate wing | 13.80 | With capers and brown butter
      Battered sausage | 4.80 | Pork and sage
      Fishcake | 4.20 | Smoked haddock and potato
      Calamari | 8.20 | With garlic mayonnaise
      Halloumi and chips | 10.80 | In the same good batter
      ## From the grill
      Sea bass | 16.20 | Fennel, lemon and new potatoes
      Mackerel | 12.20 | Gooseberry sauce and rye
      Tuna steak | 16.80 | Tomato, olive and caper
      Salmon | 14.80 | Dill, cucumber and butter potatoes
      Grilled sardines | 10.80 | Six, parsley and chilli
      King prawns | 15.80 | Garlic butter and bread
      ## Pots and pans
      Fish pie | 12.80 | Salmon, cod and prawns under mashed potato
      Moules marinière | 13.20 | A kilo, cream, cider and leeks
      Seafood chowder | 9.80 | Smoked haddock, mussels and corn
      Crab linguine | 14.80 | Chilli, garlic and parsley
      Paella for one | 15.20 | Prawns, mussels and squid
      Kedgeree | 10.80 | Smoked haddock, curried rice and egg
      ## Cold
      Dressed crab | 13.80 | Brown bread and mayonnaise
      Prawn cocktail | 8.80 | Pink sauce, little gem
      Six oysters | 15.00 | Shallot vinegar and lemon
      Smoked salmon plate | 10.80 | Soda bread and horseradish
      Crayfish roll | 11.20 | Brioche, celery and lemon
      ## Sides + Fryer sauce
      Chips | 3.80 | Fried twice
      Mushy peas | 2.20 | With mint
      Curry sauce | 2.00 | Of the chip shop
      Pickled egg | 1.40 | From the jar
      Coleslaw | 2.60 | Ours
      Tomato and onion salad | 3.60 | Sherry vinegar
      ## Sweet
      Sticky toffee pudding | 5.80 | With clotted cream
      Lemon posset | 5.20 | With shortbread
      """)
}
