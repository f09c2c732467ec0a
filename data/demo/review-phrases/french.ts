import type { ReviewPhrases } from './review-phrases.ts';

export const french: ReviewPhrases = {
  subjects: {
    claims: ['Remboursement des factures', 'Le remboursement'],
    price: ['Cotisation et tarif', 'Le tarif'],
    service: ['Service client', 'Les conseillers du service client'],
    app: ['L’application', 'Site et application'],
    coverage: ['Couverture et exclusions', 'Ce que la formule couvre'],
    enrolment: ['Souscription et résiliation', 'La souscription'],
  },
  topics: {
    claims: {
      positive: [
        'Mon remboursement est arrivé en {days} jours',
        'La demande de remboursement prend deux minutes',
        'J’ai envoyé la facture lundi et le remboursement était là vendredi',
      ],
      neutral: [
        'Le remboursement a pris {days} jours, comme annoncé',
        'Ils ont remboursé une partie et retenu la franchise',
      ],
      negative: [
        'Ils ont refusé mon remboursement pour maladie préexistante',
        'J’attends le remboursement depuis {days} semaines',
        'Ils réclament toujours la même facture et ne remboursent jamais',
      ],
    },
    price: {
      positive: [
        'La cotisation est abordable et n’a presque pas changé',
        'Le meilleur tarif de tous ceux que j’ai comparés',
        'Très bon rapport qualité-prix pour la cotisation mensuelle',
      ],
      neutral: [
        'La cotisation n’est ni chère ni bon marché',
        'Le tarif a un peu augmenté cette année, comme tout',
      ],
      negative: [
        'La cotisation a doublé après un an',
        'Le tarif augmente à chaque renouvellement',
        'Beaucoup trop cher pour ce qu’on reçoit, de l’argent perdu',
      ],
    },
    service: {
      positive: [
        'La conseillère au téléphone était aimable et patiente',
        'Le service client a répondu tout de suite à mes questions',
        'Les conseillers sont sympathiques et attentifs à {name}',
      ],
      neutral: [
        'Le conseiller était poli mais il a dû me rappeler',
        'Le service client est correct quand quelqu’un décroche le téléphone',
      ],
      negative: [
        'J’ai attendu {days} minutes au téléphone puis ils ont raccroché',
        'Le service client est désagréable et chaque conseiller dit autre chose',
        'Personne ne répond au téléphone ni aux courriels',
      ],
    },
    app: {
      positive: [
        'L’application est simple à utiliser, une photo de la facture suffit',
        'J’adore le site, on y trouve tout facilement',
        'L’espace client en ligne fonctionne parfaitement',
      ],
      neutral: [
        'L’application fonctionne, mais l’envoi des photos échoue parfois',
        'Le site montre l’avancement, mais pas ce qui manque',
      ],
      negative: [
        'L’application plante dès que j’envoie une photo',
        'Le site me déconnecte et perd le formulaire',
        'Impossible de changer mon mot de passe, l’application est inutile',
      ],
    },
    coverage: {
      positive: [
        'La couverture des accidents et des maladies est excellente',
        'La formule prend en charge les vaccins et le détartrage',
        'Ils ont pris en charge le traitement du cancer et les médicaments',
      ],
      neutral: [
        'La couverture est correcte pour les accidents, moins pour les dents',
        'Le contrat couvre ce qui est écrit et rien de plus',
      ],
      negative: [
        'Rien n’est couvert quand on lit les exclusions',
        'La couverture exclut justement la maladie de mon {animal}',
        'Ils cachent le délai de carence et refusent ensuite la maladie',
      ],
    },
    enrolment: {
      positive: [
        'La souscription était rapide et bien expliquée',
        'Assurer notre {animal} a pris cinq minutes',
        'Le devis était clair et l’inscription sans problème',
      ],
      neutral: [
        'La souscription s’est bien passée, les papiers sont venus plus tard par la poste',
        'Le devis a demandé une correction',
      ],
      negative: [
        'Ils ont enregistré deux souscriptions et prélevé deux fois',
        'Pour résilier il m’a fallu {days} appels et ils ont encore prélevé ma carte',
        'J’ai demandé la résiliation et les prélèvements continuent',
      ],
    },
  },
  openings: {
    positive: ['Excellente assurance !', 'Très contente jusqu’ici.', 'Je recommande vivement.', 'Parfait !'],
    neutral: ['C’est correct.', 'Mon avis est partagé.', 'Moyen.'],
    negative: ['Très mauvaise assurance.', 'À éviter !', 'Quelle arnaque.', 'Vraiment déçue.'],
  },
  closings: {
    positive: [
      'Merci beaucoup !',
      'Je la conseille à tous ceux qui ont un {animal}.',
      '{name} est entre de bonnes mains.',
    ],
    neutral: ['On verra bien.', 'Trois étoiles pour le moment.'],
    negative: ['Fuyez.', 'Je cherche une autre assurance.', 'Une étoile, c’est déjà trop.'],
  },
  titles: {
    positive: ['Très bonne assurance', 'Une vraie tranquillité', 'Simple et rapide', 'Je recommande'],
    neutral: ['Avis partagé', 'C’est correct', 'Plutôt moyen'],
    negative: ['Assurance à fuir', 'De l’argent perdu', 'Très déçue', 'Quelle arnaque'],
  },
  animals: ['chien', 'chat', 'chiot', 'chaton'],
  names: ['Bella', 'Max', 'Luna', 'Oscar', 'Nala'],
};
