extension Cuisine {
  static let bakery = Cuisine(
    name: "bakery", restaurants: ["Crumb & Co.", "Early Bird Bakehouse", "The Corner Loaf", "Butter Lane", "Mill & Morning"],
    menu: """
      ## Pastries + Warmed
      Butter croissant | 2.80 | Twenty-seven layers
      Almond croissant | 3.80 | Twice baked
      Pain au chocolat | 3.20 | Two sticks of dark chocolate
      Cinnamon bun | 3.60 | Cardamom dough, sticky
      Rhubarb Danish | 3.80 | With custard
      Cheese and leek swirl | 3.60 | Mature cheddar
      Sausage roll | 4.20 | Pork, sage and black pepper
      Spinach and feta parcel | 4.20 | In filo
      Morning bun | 3.40 | Orange sugar
      ## Loaves + Sliced
      Sourdough | 4.60 | Eight hundred grams
      Rye | 4.80 | Dark and dense, caraway
      Seeded tin | 4.40 | Six seeds
      Baguette | 2.60 | Baked three times a day
      Focaccia | 4.20 | Olive oil and rosemary
      Challah | 5.20 | Plaited, on Fridays and every other day
      ## Sandwiches + Sandwich bread
      Ham and Gruyère | 6.80 | Mustard butter
      Egg and cress | 5.60 | Soft yolks
      Smoked salmon and dill | 7.80 | Cream cheese, lemon
      Roast chicken | 7.20 | Stuffing and mayonnaise
      Pastrami | 7.80 | Pickles and mustard
      Mozzarella and pesto | 6.80 | Tomato and rocket
      Cheese toastie | 6.20 | Three cheeses, leek
      ## Breakfast
      Avocado toast | 7.80 | Lime, chilli and seeds
      Eggs on toast | 6.80 | Scrambled, poached or fried
      Shakshuka | 9.20 | Two eggs in pepper and tomato, with bread
      Bacon roll | 5.60 | Back bacon, brown sauce
      Granola and yoghurt | 5.80 | With stewed plums
      French toast | 8.20 | Berries and maple syrup
      ## Cakes
      Carrot cake | 3.80 | Walnuts, cream cheese
      Lemon drizzle | 3.40 | Sharp
      Chocolate fudge cake | 4.20 | Three layers
      Victoria sponge | 3.80 | Raspberry jam
      ## Hot drinks + Milk
      Flat white | 3.40 | House roast
      Filter coffee | 2.80 | Changes every week
      Hot chocolate | 3.80 | Real chocolate
      English breakfast tea | 2.40 | A pot
      """)
}
