extension Cuisine {
  static let italian = Cuisine(
    name: "italian", restaurants: ["Forno Vecchio", "Nonna Pia", "The Wooden Peel", "Trattoria Lume", "Basilico & Sons"],
    menu: """
      ## Antipasti
      Bruschetta al pomodoro | 5.50 | Grilled sourdough, ripe tomato, garlic and basil
      Burrata with peaches | 8.90 | Creamy burrata, grilled peach, mint and black pepper
      Arancini | 6.80 | Four saffron rice balls with a heart of smoked mozzarella
      Fritto misto | 9.50 | Squid, prawns and courgette in a light batter
      Focaccia of the house | 4.20 | Warm, with rosemary and sea salt
      Vitello tonnato | 9.80 | Thin cold veal, tuna sauce and capers
      ## Pizza + Pizza size, Pizza extras
      Margherita | 9.50 | San Marzano tomato, fior di latte, basil
      Marinara | 8.50 | Tomato, garlic, oregano, no cheese
      Diavola | 11.50 | Spicy salami, mozzarella, chilli honey
      Quattro formaggi | 12.00 | Mozzarella, gorgonzola, fontina and parmesan
      Capricciosa | 12.50 | Cooked ham, artichokes, mushrooms and olives
      Prosciutto e rucola | 13.00 | Raw ham, rocket and shavings of parmesan
      Funghi | 11.00 | Three kinds of mushroom, thyme and mozzarella
      Salsiccia e friarielli | 12.80 | Fennel sausage, bitter greens, smoked provola
      Ortolana | 11.20 | Aubergine, courgette and peppers from the grill
      Tonno e cipolla | 11.80 | Tuna, red onion and black olives
      ## Pasta + Pasta shape, Parmesan
      Cacio e pepe | 11.00 | Pecorino and black pepper, nothing else
      Amatriciana | 12.00 | Cured pork cheek, tomato and pecorino
      Carbonara | 12.50 | Egg yolk, pork cheek, pecorino
      Pesto alla genovese | 11.50 | Basil, pine nuts, green beans and potato
      Ragù of the Sunday | 13.00 | Beef and pork, six hours on the stove
      Vongole | 14.50 | Clams, white wine, parsley and chilli
      Norma | 11.80 | Fried aubergine, tomato and salted ricotta
      Lasagne | 12.90 | Layers of ragù and béchamel, crisp at the edge
      ## Mains
      Chicken Milanese | 14.50 | Breaded breast with rocket and lemon
      Parmigiana | 12.50 | Aubergine baked with tomato and mozzarella
      Sea bass with potatoes | 17.50 | Baked whole, olives and cherry tomatoes
      Saltimbocca | 16.80 | Veal, raw ham and sage in white wine
      ## Dolci
      Tiramisù | 6.20 | Made each morning
      Panna cotta | 5.50 | With sour cherries
      Cannoli | 5.80 | Two, filled with sweet ricotta and pistachio
      Affogato | 4.80 | Vanilla ice cream and a shot of espresso
      """)
}
