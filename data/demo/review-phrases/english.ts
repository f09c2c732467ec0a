import type { ReviewPhrases } from './review-phrases.ts';

export const english: ReviewPhrases = {
  subjects: {
    claims: ['Claims and reimbursement', 'My claim'],
    price: ['Premium and price', 'The price'],
    service: ['Customer service', 'Service on the phone'],
    app: ['The app', 'Website and app'],
    coverage: ['Coverage and exclusions', 'What is covered'],
    enrolment: ['Signing up', 'Enrollment and policy'],
  },
  topics: {
    claims: {
      positive: [
        'My claim was paid within {days} days',
        'Filing a claim takes two minutes and the reimbursement is quick',
        'They reimbursed the whole {animal} surgery without any fuss',
        'Submitted the invoice on Monday and had the refund on Friday',
      ],
      neutral: [
        'The claim took {days} days, which is about what they say',
        'They paid part of the claim and applied the rest to the deductible',
        'Claims are paid in the end, though I had to send the invoice twice',
      ],
      negative: [
        'They denied my claim as a pre-existing condition',
        'Still waiting for the reimbursement after {days} weeks',
        'Every claim is denied and the appeal goes nowhere',
        'They keep asking for the same records and never pay the claim',
      ],
    },
    price: {
      positive: [
        'The premium is affordable and has hardly changed',
        'Best price of all the quotes I compared',
        'Great value for the monthly cost',
      ],
      neutral: [
        'The premium is neither cheap nor expensive',
        'The price went up a little this year like everything else',
      ],
      negative: [
        'The premium doubled after one year',
        'They raise the price every renewal until you cannot afford it',
        'Way too expensive for what you get back, a waste of money',
        'The monthly cost went up {days} percent without a reason',
      ],
    },
    service: {
      positive: [
        'The agent on the phone was kind, patient and helpful',
        'Customer service answered all my questions right away',
        'Representatives are friendly and really care about {name}',
      ],
      neutral: [
        'The agent was polite but had to call me back',
        'Customer service is fine once somebody answers the phone',
      ],
      negative: [
        'I was on hold for {days} minutes and then they hung up',
        'Customer service is rude and gives a different answer each call',
        'Nobody returns my calls or e-mails, terrible service',
      ],
    },
    app: {
      positive: [
        'The app is easy to use, I just upload a photo of the bill',
        'Love the website, everything is simple to find',
        'Online account and direct deposit work perfectly',
      ],
      neutral: [
        'The app works, but the upload fails now and then',
        'The website shows the status, though not what is missing',
      ],
      negative: [
        'The app crashes whenever I upload an invoice',
        'The website logs me out and loses the form',
        'Could not reset my password, the portal is useless',
      ],
    },
    coverage: {
      positive: [
        'Coverage of accidents and illness is excellent',
        'The wellness plan pays for vaccines, dental cleaning and check-ups',
        'They covered the cancer treatment and the prescriptions',
      ],
      neutral: [
        'Coverage is okay for accidents, less so for dental care',
        'The plan covers what the contract says and nothing more',
      ],
      negative: [
        'Nothing is covered when you read the exclusions',
        'The policy excludes exactly what our {animal} has',
        'They hide the waiting period and then refuse to cover the illness',
      ],
    },
    enrolment: {
      positive: [
        'Signing up was quick and the policy was explained well',
        'Enrolling our new puppy took five minutes',
        'The quote was clear and the enrollment went smoothly',
      ],
      neutral: [
        'Enrollment was all right, the documents came later by mail',
        'The quote needed a correction first',
      ],
      negative: [
        'They enrolled me twice and charged both policies',
        'Cancelling the policy took {days} calls and they charged my card again',
        'I asked to cancel and they kept billing me',
      ],
    },
  },
  openings: {
    positive: [
      'Great company!',
      'Very happy so far.',
      'Highly recommend.',
      'So glad we have them.',
      'Excellent!',
    ],
    neutral: ['It is okay.', 'Mixed feelings.', 'Average.', 'Good and bad.', 'Not sure yet.'],
    negative: [
      'Terrible company.',
      'Avoid!',
      'What a scam.',
      'Very disappointed.',
      'Do not waste your money.',
    ],
  },
  closings: {
    positive: [
      'Thank you!',
      'Would recommend to any {animal} owner.',
      '{name} is in good hands.',
      'Five stars.',
    ],
    neutral: ['We will see.', 'Three stars for now.', 'Could be better, could be worse.'],
    negative: ['Stay away.', 'I am looking for another insurer.', 'One star is too many.', 'Shame on them.'],
  },
  titles: {
    positive: ['Great insurance', 'Peace of mind', 'Easy and fast', 'Love it', 'Highly recommended'],
    neutral: ['It is okay', 'Average', 'Mixed', 'Fine so far'],
    negative: ['Terrible', 'Waste of money', 'Buyer beware', 'Disappointed', 'Scam'],
  },
  animals: ['dog', 'cat', 'puppy', 'kitten', 'beagle', 'retriever'],
  names: ['Bella', 'Max', 'Luna', 'Charlie', 'Daisy', 'Milo', 'Coco'],
};
