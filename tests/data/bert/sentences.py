"""French sentences to translate, written for these tests: 200 of them, short and long, plain and awkward."""
from __future__ import annotations

import random

PEOPLE = [
    "le ministre", "la directrice de l’école", "un vieux pêcheur", "ma voisine", "le gouvernement", "la commission",
    "un groupe d’étudiants", "le maire de la ville", "cette entreprise", "l’équipe", "mon frère", "la police",
]
DOES = [
    "a annoncé une nouvelle loi", "a refusé de répondre aux questions", "a acheté trois livres", "prépare le repas du soir",
    "a demandé plus de temps", "cherche une solution au problème", "a perdu ses clés", "travaille sur un projet important",
    "a publié un rapport sur la santé", "veut réduire les impôts", "a ouvert la porte sans bruit", "attend le train de Paris",
    "a reçu une lettre de la banque", "ne comprend pas cette décision",
]
WHEN = ["hier", "ce matin", "depuis deux ans", "en 1998", "la semaine dernière", "pendant la nuit", "malgré la pluie", "le 3 mars"]
WHERE = ["à Lyon", "dans le jardin", "au bord de la mer", "près de la gare", "en Afrique", "devant la maison", "au Parlement"]
LINKS = ["mais", "parce que", "et", "alors que", "tandis que", "car"]
AWKWARD = [
    "Bonjour !", "Merci.", "Pourquoi pas ?", "Non, jamais.", "« La ville tient encore », a déclaré un officier.",
    "Le prix est passé de 1 250,50 € à 980 €.", "L’œuvre complète coûte 12 €.", "Rendez-vous à 14 h 30.", "LES SECOURS SONT ARRIVÉS.",
    "Écrivez à contact@exemple.org avant lundi.", "Le n° 7 a gagné : 3 à 0.", "Il a dit : « Je ne sais pas. »",
    "C’est-à-dire qu’il n’y en a plus…", "Où est-il ?", "Le mot chinois 中文 veut dire « langue chinoise ».", "Température : −5 °C.",
    "Un, deux, trois, quatre, cinq, six, sept, huit, neuf, dix.", "la  double   espace", "Peut‑être.", "A",
]


def sentences(count: int = 200) -> list[str]:
    """The sentences, always the same."""
    rng = random.Random(4)

    def clause() -> str:
        parts = [rng.choice(PEOPLE), rng.choice(DOES)]
        if rng.random() < 0.6:
            parts.append(rng.choice(WHERE))
        if rng.random() < 0.5:
            parts.append(rng.choice(WHEN))
        return " ".join(parts)

    made = list(AWKWARD)
    while len(made) < count:
        clauses = [clause() for _ in range(rng.choice([1, 1, 1, 2, 2, 3, 4]))]
        text = clauses[0]
        for other in clauses[1:]:
            link = rng.choice(LINKS)
            # « parce que » before a vowel loses its last letter.
            text += f", {link[:-1]}’{other}" if link.endswith("que") and other[0] in "aeu" else f", {link} {other}"
        text = text[0].upper() + text[1:] + rng.choice([".", ".", ".", " ?", ""])
        if text not in made:
            made.append(text)
    return made
