print("tiffin")
