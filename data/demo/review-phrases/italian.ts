import type { ReviewPhrases } from './review-phrases.ts';

export const italian: ReviewPhrases = {
  subjects: {
    claims: ['Rimborso e sinistri', 'Il rimborso'],
    price: ['Premio e prezzo', 'Il prezzo'],
    service: ['Servizio clienti', 'Servizio al telefono'],
    app: ['L’applicazione', 'Sito e applicazione'],
    coverage: ['Copertura del piano', 'Copertura ed esclusioni'],
    enrolment: ['Iscrizione e disdetta', 'L’iscrizione'],
  },
  topics: {
    claims: {
      positive: [
        'Il rimborso è arrivato in {days} giorni',
        'Chiedere il rimborso richiede due minuti e pagano subito',
        'Ho mandato la fattura lunedì e venerdì c’era già il rimborso',
      ],
      neutral: [
        'Il rimborso ha richiesto {days} giorni, più o meno come promesso',
        'Hanno pagato una parte della fattura e tolto la franchigia',
      ],
      negative: [
        'Hanno negato il rimborso per una malattia preesistente',
        'Aspetto il rimborso da {days} settimane',
        'Chiedono sempre la stessa fattura e non pagano mai il sinistro',
      ],
    },
    price: {
      positive: [
        'Il premio è conveniente e non è quasi cambiato',
        'Il miglior prezzo tra tutti quelli che ho confrontato',
        'Il premio mensile vale quello che costa',
      ],
      neutral: ['Il premio non è né caro né economico', 'Il prezzo è salito un po’ quest’anno, come tutto'],
      negative: [
        'Il premio è raddoppiato dopo un anno',
        'Aumentano il prezzo a ogni rinnovo',
        'Troppo caro per quello che offre, soldi buttati',
      ],
    },
    service: {
      positive: [
        'L’operatrice al telefono è stata gentile e paziente',
        'Il servizio clienti ha risposto subito a tutte le mie domande',
        'Gli operatori sono simpatici e si prendono cura di {name}',
      ],
      neutral: [
        'L’operatore era cortese, ma ha dovuto richiamare',
        'Il servizio clienti va bene, quando qualcuno risponde al telefono',
      ],
      negative: [
        'Sono rimasto {days} minuti in attesa al telefono e poi hanno riattaccato',
        'Il servizio clienti è scortese e ogni operatore dice una cosa diversa',
        'Nessuno risponde al telefono né ai messaggi',
      ],
    },
    app: {
      positive: [
        'L’applicazione è facile da usare, basta caricare una foto',
        'Adoro il sito, si trova tutto senza fatica',
        'L’area personale sul sito funziona alla perfezione',
      ],
      neutral: [
        'L’applicazione funziona, ma ogni tanto non riesce a caricare la foto',
        'Il sito mostra lo stato della pratica, ma non che cosa manca',
      ],
      negative: [
        'L’applicazione si blocca appena provo a caricare una foto',
        'Il sito mi disconnette e perde il modulo',
        'Non riesco a cambiare la password, l’applicazione è inutile',
      ],
    },
    coverage: {
      positive: [
        'La copertura di infortuni e malattie è eccellente',
        'Il piano copre vaccini, pulizia dei denti e controlli',
        'Hanno coperto la cura del tumore e i farmaci',
      ],
      neutral: [
        'La copertura è discreta per gli infortuni, meno per i denti',
        'Il piano copre quello che dice il contratto e niente di più',
      ],
      negative: [
        'Non è coperto nulla, se si leggono le esclusioni',
        'La copertura esclude proprio la malattia del nostro {animal}',
        'Nascondono il periodo di carenza e poi rifiutano la copertura',
      ],
    },
    enrolment: {
      positive: [
        'L’iscrizione è stata rapida e hanno spiegato bene la polizza',
        'Assicurare il nostro {animal} ha richiesto cinque minuti',
        'Il preventivo era chiaro e la sottoscrizione semplice',
      ],
      neutral: [
        'L’iscrizione è andata bene, i documenti sono arrivati dopo per posta',
        'Il preventivo ha avuto bisogno di una correzione',
      ],
      negative: [
        'Hanno fatto due volte l’iscrizione e addebitato due polizze',
        'Per disdire la polizza sono servite {days} chiamate e hanno addebitato ancora',
        'Ho chiesto la disdetta e continuano ad addebitare sulla carta',
      ],
    },
  },
  openings: {
    positive: ['Ottima assicurazione!', 'Finora sono molto contenta.', 'Consigliatissima.', 'Eccellente!'],
    neutral: ['Va abbastanza bene.', 'Ho sensazioni contrastanti.', 'Nella media.'],
    negative: ['Pessima assicurazione.', 'Da evitare!', 'Che truffa.', 'Sono molto delusa.'],
  },
  closings: {
    positive: ['Grazie mille!', 'La consiglio a chi ha un {animal}.', '{name} è in buone mani.'],
    neutral: ['Si vedrà.', 'Per ora tre stelle.'],
    negative: ['Statene alla larga.', 'Sto cercando un’altra assicurazione.', 'Una stella è già troppo.'],
  },
  titles: {
    positive: ['Ottima assicurazione', 'Finalmente tranquilli', 'Facile e veloce', 'Consigliatissima'],
    neutral: ['Nella media', 'Va abbastanza bene', 'Né buona né cattiva'],
    negative: ['Pessima assicurazione', 'Soldi buttati', 'Molto delusa', 'Attenzione a questa compagnia'],
  },
  animals: ['cane', 'gatto', 'cucciolo', 'gattino'],
  names: ['Bella', 'Max', 'Luna', 'Leo', 'Stella'],
};
