import type { ReviewPhrases } from './review-phrases.ts';

export const german: ReviewPhrases = {
  subjects: {
    claims: ['Erstattung der Rechnung', 'Die Erstattung'],
    price: ['Beitrag und Preis', 'Der Preis'],
    service: ['Kundendienst am Telefon', 'Der Kundendienst'],
    app: ['Die App', 'Webseite und App'],
    coverage: ['Schutz und Ausschlüsse', 'Was der Tarif deckt'],
    enrolment: ['Abschluss und Kündigung', 'Der Abschluss'],
  },
  topics: {
    claims: {
      positive: [
        'Die Erstattung war nach {days} Tagen auf dem Konto',
        'Eine Rechnung einzureichen dauert zwei Minuten, die Erstattung kommt schnell',
        'Am Montag habe ich die Rechnung geschickt, am Freitag war die Erstattung da',
      ],
      neutral: [
        'Die Erstattung dauerte {days} Tage, wie angekündigt',
        'Sie haben einen Teil der Rechnung erstattet und die Selbstbeteiligung abgezogen',
      ],
      negative: [
        'Die Erstattung wurde wegen einer Vorerkrankung abgelehnt',
        'Seit {days} Wochen warte ich auf die Erstattung',
        'Sie verlangen immer wieder dieselbe Rechnung und erstatten nichts',
      ],
    },
    price: {
      positive: [
        'Der Beitrag ist günstig und hat sich kaum verändert',
        'Der beste Preis von allen, die ich verglichen habe',
        'Der monatliche Beitrag ist sein Geld wert',
      ],
      neutral: [
        'Der Beitrag ist weder billig noch teuer',
        'Der Preis ist dieses Jahr etwas gestiegen, wie alles andere',
      ],
      negative: [
        'Der Beitrag hat sich nach einem Jahr verdoppelt',
        'Bei jeder Verlängerung wird der Preis erhöht',
        'Viel zu teuer für die Leistung, hinausgeworfenes Geld',
      ],
    },
    service: {
      positive: [
        'Die Beraterin am Telefon war freundlich und geduldig',
        'Der Kundendienst hat alle meine Fragen sofort beantwortet',
        'Die Mitarbeiter sind nett und kümmern sich um {name}',
      ],
      neutral: [
        'Der Berater war höflich, musste aber zurückrufen',
        'Der Kundendienst ist in Ordnung, wenn jemand ans Telefon geht',
      ],
      negative: [
        'Ich hing {days} Minuten am Telefon und dann wurde aufgelegt',
        'Der Kundendienst ist unfreundlich und jeder Mitarbeiter sagt etwas anderes',
        'Niemand geht ans Telefon oder beantwortet meine Nachrichten',
      ],
    },
    app: {
      positive: [
        'Die App ist leicht zu bedienen, ein Foto hochladen genügt',
        'Die Webseite gefällt mir, alles ist leicht zu finden',
        'Die Anmeldung in der App klappt einwandfrei',
      ],
      neutral: [
        'Die App läuft, aber manchmal lässt sich kein Foto hochladen',
        'Die Webseite zeigt den Stand, aber nicht, was noch fehlt',
      ],
      negative: [
        'Die App stürzt ab, sobald ich ein Foto hochladen will',
        'Die Webseite meldet mich ab und verliert das Formular',
        'Mein Passwort lässt sich nicht ändern, die App ist unbrauchbar',
      ],
    },
    coverage: {
      positive: [
        'Der Schutz bei Unfällen und Krankheiten ist hervorragend',
        'Der Tarif deckt Impfungen, Zahnreinigung und Vorsorge ab',
        'Die Behandlung der Krankheit und alle Medikamente waren gedeckt',
      ],
      neutral: [
        'Der Schutz bei Unfällen ist ordentlich, bei den Zähnen weniger',
        'Der Tarif deckt ab, was im Vertrag steht, und nicht mehr',
      ],
      negative: [
        'Nichts ist versichert, wenn man die Ausschlüsse liest',
        'Der Tarif schließt genau die Krankheit aus, die unser {animal} hat',
        'Sie verschweigen die Wartezeit und lehnen dann jede Krankheit ab',
      ],
    },
    enrolment: {
      positive: [
        'Der Abschluss ging schnell und der Vertrag wurde gut erklärt',
        'Nach fünf Minuten war unser {animal} angemeldet',
        'Das Angebot war klar und der Abschluss einfach',
      ],
      neutral: [
        'Der Abschluss war in Ordnung, die Unterlagen kamen später mit der Post',
        'Das Angebot musste einmal berichtigt werden',
      ],
      negative: [
        'Der Vertrag wurde doppelt abgeschlossen und doppelt abgebucht',
        'Für die Kündigung brauchte ich {days} Anrufe und es wurde wieder abgebucht',
        'Trotz Kündigung wird weiter abgebucht',
      ],
    },
  },
  openings: {
    positive: ['Tolle Versicherung!', 'Bisher sehr zufrieden.', 'Sehr zu empfehlen.', 'Ausgezeichnet!'],
    neutral: ['Es ist in Ordnung.', 'Gemischte Gefühle.', 'Durchschnittlich.'],
    negative: ['Schreckliche Versicherung.', 'Finger weg!', 'So eine Abzocke.', 'Sehr enttäuscht.'],
  },
  closings: {
    positive: ['Vielen Dank!', 'Wir empfehlen sie gerne weiter.', '{name} ist in guten Händen.'],
    neutral: ['Wir werden sehen.', 'Vorerst drei Sterne.'],
    negative: ['Nie wieder.', 'Ich suche eine andere Versicherung.', 'Ein Stern ist schon zu viel.'],
  },
  titles: {
    positive: ['Tolle Versicherung', 'Endlich ruhig schlafen', 'Einfach und schnell', 'Sehr zu empfehlen'],
    neutral: ['In Ordnung', 'Durchschnittlich', 'Gemischte Gefühle'],
    negative: ['Schreckliche Versicherung', 'Hinausgeworfenes Geld', 'Sehr enttäuscht', 'Finger weg'],
  },
  animals: ['Hund', 'Kater', 'Welpe', 'Dackel'],
  names: ['Bella', 'Max', 'Luna', 'Bruno', 'Emma'],
};
