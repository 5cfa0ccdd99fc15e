// The build adds `embeddedFiles`: everything under Sources/Fronts/Files.
