extension Cuisine {
  static let indian = Cuisine(
    name: "indian", restaurants: ["Saffron Harbour", "Dabba House", "Monsoon Kitchen", "The Clay Oven", "Malabar Lane"],
    menu: """
      ## Small plates
      Samosa chaat | 5.80 | Broken samosas, chickpeas, yoghurt and tamarind
      Onion bhaji | 4.50 | Crisp, with mint chutney
      Pani puri | 5.20 | Six shells, spiced potato, cold tamarind water
      Chilli paneer | 7.20 | Fried cheese, green pepper, soy and ginger
      Lamb keema pav | 8.20 | Spiced mince with peas in a buttered roll
      Gunpowder prawns | 9.20 | Grilled, with roasted lentil spice
      ## From the oven + Side sauce
      Tandoori chicken | 10.80 | Half a bird, a night in yoghurt and Kashmiri chilli
      Malai tikka | 9.90 | Chicken in cream cheese, cardamom and lime
      Seekh kebab | 9.50 | Minced lamb with green chilli and mint
      Paneer tikka | 9.20 | With peppers and onions from the skewer
      Ajwain salmon | 12.80 | Carom seed, mustard and honey
      ## Curries + Heat, Rice or bread
      Butter chicken | 12.50 | Tandoori chicken in tomato, butter and fenugreek
      Rogan josh | 13.50 | Lamb on the bone, Kashmiri chilli and fennel
      Chicken chettinad | 12.20 | Black pepper, curry leaf and roasted coconut
      Goan fish curry | 13.80 | Coconut, tamarind and red chilli
      Saag paneer | 11.20 | Spinach, fresh cheese and garlic
      Dal makhani | 9.80 | Black lentils, a day on the embers
      Chana masala | 9.50 | Chickpeas, tomato and dried mango
      Baingan bharta | 10.20 | Smoked aubergine with onion and peas
      Prawn moilee | 14.20 | Turmeric, coconut milk and green chilli
      Vindaloo | 12.80 | Pork, vinegar, garlic, and a great deal of chilli
      ## Rice and grain
      Hyderabadi lamb biryani | 13.90 | Sealed with dough, with raita
      Vegetable biryani | 11.20 | Seasonal vegetables, saffron and fried onions
      Masala dosa | 9.80 | Crisp pancake, potato, coconut chutney and sambar
      Lemon rice | 4.20 | Mustard seed, curry leaf and peanuts
      Basmati | 3.20 | Steamed
      ## Bread
      Butter naan | 3.20 | From the clay oven
      Garlic naan | 3.60 | With coriander
      Tandoori roti | 2.80 | Wholemeal
      ## Sweet
      Gulab jamun | 4.80 | Three, in rose syrup
      Mango kulfi | 4.60 | On a stick
      Mango lassi | 4.20 | Alphonso mango and yoghurt
      """)
}
