import type { ReviewPhrases } from './review-phrases.ts';

export const portuguese: ReviewPhrases = {
  subjects: {
    claims: ['Sinistro e reembolso', 'O reembolso'],
    price: ['Mensalidade e preço', 'O preço'],
    service: ['Atendimento ao cliente', 'Atendimento ao telefone'],
    app: ['O aplicativo', 'Site e aplicativo'],
    coverage: ['Cobertura do plano', 'Cobertura e exclusões'],
    enrolment: ['Contratação da apólice', 'Adesão e cancelamento'],
  },
  topics: {
    claims: {
      positive: [
        'Recebi o reembolso do sinistro em {days} dias',
        'Pedir o reembolso leva dois minutos e o dinheiro cai logo na conta',
        'Enviei a nota fiscal na segunda e o reembolso chegou na sexta',
      ],
      neutral: [
        'O reembolso demorou {days} dias, dentro do que prometem',
        'Pagaram uma parte do reembolso e descontaram a franquia',
      ],
      negative: [
        'Negaram o meu reembolso por doença preexistente',
        'Há {days} semanas que espero pelo reembolso',
        'Pedem sempre os mesmos documentos e nunca pagam o sinistro',
      ],
    },
    price: {
      positive: [
        'A mensalidade é barata e quase não mudou',
        'O melhor preço de todos os que comparei',
        'O valor da mensalidade vale muito a pena',
      ],
      neutral: ['A mensalidade não é cara nem barata', 'O preço subiu um pouco este ano, como tudo'],
      negative: [
        'A mensalidade dobrou depois de um ano',
        'Aumentam o preço em cada renovação',
        'Caro demais para o que oferece, um desperdício de dinheiro',
      ],
    },
    service: {
      positive: [
        'A atendente ao telefone foi gentil e paciente',
        'O atendimento respondeu a todas as minhas perguntas na hora',
        'Os atendentes são simpáticos e cuidam bem de {name}',
      ],
      neutral: [
        'O atendente foi educado, mas teve que ligar de novo',
        'O atendimento é bom quando alguém atende o telefone',
      ],
      negative: [
        'Fiquei {days} minutos à espera no telefone e desligaram',
        'O atendimento é grosseiro e cada atendente diz uma coisa',
        'Ninguém responde às ligações nem aos e-mails',
      ],
    },
    app: {
      positive: [
        'O aplicativo é fácil de usar, basta enviar uma foto da conta',
        'Adoro o site, encontro tudo sem dificuldade',
        'O cadastro no aplicativo funciona perfeitamente',
      ],
      neutral: [
        'O aplicativo funciona, mas às vezes o envio da foto falha',
        'O site mostra o andamento, mas não o que falta',
      ],
      negative: [
        'O aplicativo trava sempre que envio uma foto',
        'O site me desconecta e perde o formulário',
        'Não consigo trocar a senha, o aplicativo não presta',
      ],
    },
    coverage: {
      positive: [
        'A cobertura de acidentes e doenças é excelente',
        'O plano cobre vacinas, limpeza dos dentes e exames',
        'Cobriram o tratamento do câncer e os remédios',
      ],
      neutral: [
        'A cobertura é razoável para acidentes, menos para os dentes',
        'O plano cobre o que está no contrato e nada mais',
      ],
      negative: [
        'Nada tem cobertura quando se leem as exclusões',
        'A apólice exclui justamente a doença do meu {animal}',
        'Escondem a carência e depois recusam a cobertura da doença',
      ],
    },
    enrolment: {
      positive: [
        'A adesão foi rápida e explicaram bem a apólice',
        'Contratar o seguro para o meu {animal} levou cinco minutos',
        'A cotação era clara e a contratação foi simples',
      ],
      neutral: [
        'A contratação correu bem, os documentos vieram depois pelo correio',
        'A cotação precisou de uma correção',
      ],
      negative: [
        'Contrataram duas vezes e cobraram as duas apólices',
        'Para cancelar a apólice precisei de {days} ligações e cobraram outra vez',
        'Pedi o cancelamento e continuam a cobrar no cartão',
      ],
    },
  },
  openings: {
    positive: ['Ótima empresa!', 'Estou muito satisfeito.', 'Recomendo muito.', 'Excelente!'],
    neutral: ['É razoável.', 'Tenho sentimentos mistos.', 'Mais ou menos.'],
    negative: ['Péssima empresa.', 'Evitem!', 'Que vergonha.', 'Muito decepcionado.'],
  },
  closings: {
    positive: ['Muito obrigada!', 'Recomendo a quem tem um {animal}.', '{name} está em boas mãos.'],
    neutral: ['Vamos ver.', 'Por enquanto três estrelas.'],
    negative: ['Fiquem longe.', 'Estou procurando outra seguradora.', 'Uma estrela já é demais.'],
  },
  titles: {
    positive: ['Ótimo seguro', 'Tranquilidade para a família', 'Fácil e rápido', 'Recomendo muito'],
    neutral: ['Mais ou menos', 'É razoável', 'Nem bom nem ruim'],
    negative: ['Péssimo seguro', 'Dinheiro jogado fora', 'Cuidado com esta empresa', 'Que decepção'],
  },
  animals: ['cachorro', 'gato', 'filhote', 'cãozinho'],
  names: ['Bela', 'Thor', 'Luna', 'Mel', 'Bob'],
};
