"""Facts that everybody knows, each with a wrong answer, for data without targets to make probes of."""

FACTS = (
    ("What is the capital of France?", "Paris", "Lyon"),
    ("How many legs does a spider have?", "Eight", "Six"),
    ("Which gas do plants take from the air for photosynthesis?", "Carbon dioxide", "Nitrogen"),
    ("What is 12 times 12?", "144", "124"),
    ("Which planet is closest to the sun?", "Mercury", "Mars"),
    ("Who wrote the play Hamlet?", "William Shakespeare", "Charles Dickens"),
    ("At what temperature does water boil at sea level, in degrees Celsius?", "100 degrees", "70 degrees"),
    ("How many days does a leap year have?", "366", "364"),
    ("What is the chemical formula of table salt?", "NaCl", "H2O"),
    ("On which continent does Egypt lie?", "Africa", "South America"),
    ("What do bees make?", "Honey", "Silk"),
    ("Which ocean lies between Europe and North America?", "The Atlantic Ocean", "The Indian Ocean"),
    ("What is the square root of 81?", "9", "8"),
    ("Which organ pumps blood through the body?", "The heart", "The liver"),
    ("In which year did the first people land on the Moon?", "1969", "1949"),
    ("What is the opposite of 'ancient'?", "Modern", "Antique"),
    ("How many minutes are two and a half hours?", "150", "250"),
    ("Which language is mainly spoken in Brazil?", "Portuguese", "Spanish"),
    ("What is the largest mammal?", "The blue whale", "The elephant"),
    ("What is H2O commonly called?", "Water", "Ammonia"),
    ("Which metal is liquid at room temperature?", "Mercury", "Iron"),
    ("How many sides does a hexagon have?", "Six", "Eight"),
    ("What is the past tense of 'go'?", "Went", "Goed"),
    ("Which direction does the sun rise from?", "The east", "The north"),
)
"""Question, right answer, wrong answer."""
