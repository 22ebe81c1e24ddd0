"""Fictitious names of a city in Maine: French, Irish, English, Somali, Congolese, Vietnamese, Latin and more."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

_GIVEN = """
Aaron Abdi Adele Aisha Alan Alicia Amina Amy Andre Angela Anna Anthony Antoine April Arthur Asha Beatrice Ben Bianca
Brenda Brian Bridget Caleb Camille Carl Carlos Carmen Caroline Catherine Charles Chloe Claire Clara Colin Connor Craig
Curtis Cynthia Dale Darlene David Deborah Denise Derek Diana Dominic Donna Doris Douglas Dylan Edith Edward Elaine
Elias Eliza Emil Emily Eric Esther Ethan Eva Evelyn Faith Felix Fiona Florence Frank Gabriel Gail Gary Gavin George
Gerard Gloria Gordon Greta Hannah Harold Hassan Hawa Heather Hector Helen Henry Holly Hugh Ian Ifrah Ingrid Irene
Isaac Ivan Jack Jacob Jamal James Jana Janet Jared Jasmine Jean Jeffrey Jerome Jesse Jill Joan Joel John Jonah Jordan
Josephine Joshua Joyce Judith Julia Julian Justin Karim Karl Kate Keith Kelly Kenneth Kevin Khadija Kim Kyle Lan Larry
Laura Lauren Lea Leon Leslie Liam Lillian Linda Linh Lisa Lois Louis Lucia Luke Lydia Mai Malik Marc Margaret Maria
Marie Marjorie Mark Martha Martin Mason Matthew Maureen Megan Michel Miguel Miriam Mohamed Monica Morgan Nadia Nancy
Naomi Natalie Nathan Neil Nicole Noah Nora Oliver Olivia Omar Oscar Owen Pamela Patricia Patrick Paul Pauline Peter
Philip Pierre Priya Quinn Rachel Ralph Ramon Raymond Rebecca Reggie Renee Rhonda Ricardo Robert Robin Roger Roland
Rosa Ross Roy Russell Sabrina Sadia Sandra Sarah Scott Sean Seth Shannon Sheila Simon Sofia Stella Stephen Susan
Sylvia Tamara Tanya Teresa Thanh Theo Theresa Thomas Timothy Tina Todd Tracy Trevor Valerie Vanessa Vera Victor
Vincent Virginia Walter Wanda Warren Wendy Wesley Yasmin Yusuf Yvonne Zoe
"""
_FAMILY = """
Abbott Achorn Adams Ahmed Albert Ali Allard Ames Andrews Arsenault Atwood Ayotte Babineau Bailey Baker Barter Bartlett
Beal Beaulieu Beliveau Bennett Benoit Bernard Berube Bishop Blackwood Blake Boucher Bouchard Bourque Bowden Bragg
Brewer Briggs Brooks Burnham Bushey Butler Caron Carter Chadbourne Chase Chasse Clement Cloutier Coffin Cole Collins
Connolly Corbin Cormier Costa Cote Couture Crocker Curran Cyr Daigle Davis Deschaine Diaz Dionne Doherty Doucette
Downing Doyle Drouin Dube Dubois Dumont Dunham Dyer Eaton Emerson Emery Fallon Farah Farnham Farrell Fernald Flanagan
Fogg Fortin Foster Fournier Francis Frost Gagne Gagnon Gallant Garcia Gauthier Gerrish Gilbert Giroux Goodwin Gorham
Gould Grant Gray Greenlaw Grenier Guerrette Gupta Hale Hamlin Hanley Harmon Hassan Haskell Hatch Hawkes Hayes Hebert
Higgins Hill Hobbs Holmes Hussein Ibrahim Ingalls Jalbert Jandreau Jensen Jewell Joyce Kamara Kane Keane Kelleher
Kennedy Kimball King Knight Labbe Labrecque Lachance Lane Langlois Lapointe Larrabee Laverriere Le Leavitt Lebel
Levesque Libby Littlefield Lombard Lopez Lord Lovejoy Lunt MacDonald Mahoney Mallett Marcotte Marston Martel Martinez
Mbeki McCarthy McGrath McKenney Mendes Merrill Michaud Mills Mohamed Moody Moreau Morin Morse Mukasa Murphy Nadeau
Ndayishimiye Newell Nguyen Noel Nolan Norton Noyes O'Brien O'Connor Okoye Ouellette Paquette Paradis Parsons Patel
Pelkey Perkins Perreault Petersen Pham Pike Pinkham Plourde Plummer Poirier Poulin Powers Pratt Quimby Quirk Ramirez
Raymond Reed Ricker Rioux Robichaud Rousseau Roy Russo Sabattus Sanborn Santos Sawyer Scammon Sewall Shah Sheehan
Silva Simard Sirois Skillings Small Soucy Sprague Staples Stinson Sullivan Swett Sylvester Talbot Tardif Tarr
Theriault Thorne Tibbetts Tran Tremblay Tripp Turcotte Vachon Varney Veilleux Violette Waite Walsh Warsame Waterhouse
Webber Weeks Wentworth Weston Whalen Wheeler Whitney Wiggin Willard Winslow Witham Woodbury Wyman Yates Yeaton York
Young
"""
GIVEN, FAMILY = tuple(_GIVEN.split()), tuple(_FAMILY.split())


def draw_names(random: Random, taken: set[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Pairs of names that are in nobody's possession yet; family names repeat late, as in a real town."""
    while True:
        families = list(FAMILY)
        random.shuffle(families)
        for family in families:
            pair = (random.choice(GIVEN), family)
            if pair not in taken:
                taken.add(pair)
                yield pair
