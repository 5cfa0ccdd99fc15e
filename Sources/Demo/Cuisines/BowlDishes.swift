extension Cuisine {
  static let bowls = Cuisine(
    name: "vegan", restaurants: ["Green Quarter", "Root & Leaf", "The Good Ladle", "Sunday Garden", "Sprout Street"],
    menu: """
      ## Breakfast bowls + Milk
      Overnight oats | 5.80 | Apple, cinnamon and hazelnuts
      Açaí bowl | 7.80 | Banana, berries and granola
      Chia pudding | 5.60 | Coconut and mango
      Porridge | 4.80 | Poached pear and maple
      ## Warm bowls + Grain, Bowl extras
      Buddha bowl | 10.80 | Sweet potato, chickpeas, kale and tahini
      Peanut tofu bowl | 10.60 | Crisp tofu, red cabbage and peanut dressing
      Harissa cauliflower bowl | 10.40 | Roasted cauliflower, lentils and mint yoghurt
      Teriyaki aubergine bowl | 10.60 | Sesame, edamame and pickled ginger
      Black bean bowl | 10.20 | Corn, avocado and lime
      Miso mushroom bowl | 10.80 | Shiitake, spinach and spring onion
      Jerk jackfruit bowl | 10.60 | Plantain, rice and peas
      Falafel bowl | 10.20 | Hummus, pickles and herbs
      ## Salads + Dressing, Bowl extras
      Big green | 9.20 | Broccoli, peas, seeds and leaves
      Roasted beetroot | 9.20 | Orange, walnut and lentils
      Kale Caesar | 9.40 | Chickpea croutons, cashew dressing
      Rainbow noodle | 9.60 | Rice noodles, mango and cashew
      Tomato and bread | 8.80 | Sourdough, basil and olive
      Waldorf | 8.80 | Apple, celery, walnut and grapes
      ## Soups and stews + Bread
      Red lentil dal | 7.20 | Coconut, ginger and lime
      Roast tomato soup | 6.20 | With basil oil
      Pea and mint soup | 6.20 | Cold or hot
      Three bean chilli | 8.80 | Smoked paprika and cocoa
      Moroccan tagine | 9.80 | Squash, apricots and almonds
      West African peanut stew | 9.60 | Sweet potato and greens
      ## Sandwiches
      Smashed chickpea | 7.20 | Celery, mustard and dill pickle
      Smoky tempeh club | 8.40 | Tomato, lettuce and aioli
      Hummus and roast carrot | 6.80 | On seeded bread
      ## Juice and sweet
      Green juice | 4.80 | Apple, cucumber, spinach and lime
      Carrot and ginger | 4.60 | Pressed to order
      Beetroot and berry | 4.80 | Earthy and sweet
      Date and nut bar | 3.20 | Baked here
      Banana bread | 3.60 | Toasted, almond butter
      """)
}
