import type { ReviewPhrases } from './review-phrases.ts';

export const spanish: ReviewPhrases = {
  subjects: {
    claims: ['Reembolso y siniestros', 'El reembolso'],
    price: ['Cuota y precio', 'El precio'],
    service: ['Atención al cliente', 'Atención por teléfono'],
    app: ['La aplicación', 'Página web y aplicación'],
    coverage: ['Cobertura del plan', 'Cobertura y exclusiones'],
    enrolment: ['Alta y baja de la póliza', 'La contratación'],
  },
  topics: {
    claims: {
      positive: [
        'El reembolso llegó en {days} días',
        'Pedir el reembolso lleva dos minutos y pagan enseguida',
        'Mandé la factura el lunes y el viernes ya tenía el reembolso',
      ],
      neutral: [
        'El reembolso tardó {days} días, más o menos lo que dicen',
        'Pagaron una parte de la factura y descontaron la franquicia',
      ],
      negative: [
        'Rechazaron mi reembolso por una enfermedad preexistente',
        'Llevo {days} semanas esperando el reembolso',
        'Piden siempre la misma factura y nunca pagan el siniestro',
      ],
    },
    price: {
      positive: [
        'La cuota es barata y apenas ha cambiado',
        'El mejor precio de todos los que comparé',
        'La cuota mensual vale lo que cuesta',
      ],
      neutral: ['La cuota no es ni cara ni barata', 'El precio subió un poco este año, como los demás'],
      negative: [
        'La cuota se duplicó al cabo de un año',
        'Suben el precio en cada renovación',
        'Demasiado caro para lo que ofrecen, dinero tirado',
      ],
    },
    service: {
      positive: [
        'La agente del teléfono fue amable y paciente',
        'La atención al cliente respondió enseguida a mis preguntas',
        'Los agentes son simpáticos y se preocupan por {name}',
      ],
      neutral: [
        'El agente fue educado, pero tuvo que volver a llamar',
        'La atención al cliente está bien cuando alguien contesta el teléfono',
      ],
      negative: [
        'Estuve {days} minutos esperando al teléfono y me colgaron',
        'La atención al cliente es grosera y cada agente dice otra cosa',
        'Nadie contesta el teléfono ni los correos',
      ],
    },
    app: {
      positive: [
        'La aplicación es fácil de usar, basta con subir una foto',
        'Me encanta la página web, se encuentra cualquier cosa fácilmente',
        'La cuenta en línea y la aplicación funcionan de maravilla',
      ],
      neutral: [
        'La aplicación funciona, aunque a veces falla al subir la foto',
        'La página web muestra el estado, pero no lo que falta',
      ],
      negative: [
        'La aplicación se cierra cada vez que quiero subir una foto',
        'La página web me desconecta y pierde el formulario',
        'No puedo cambiar la contraseña, la aplicación no sirve',
      ],
    },
    coverage: {
      positive: [
        'La cobertura de accidentes y enfermedades es excelente',
        'El plan cubre vacunas, limpieza dental y revisiones',
        'Cubrieron el tratamiento del cáncer y los medicamentos',
      ],
      neutral: [
        'La cobertura está bien para accidentes, menos para los dientes',
        'El plan cubre lo que dice el contrato y nada más',
      ],
      negative: [
        'No cubren nada cuando se leen las exclusiones',
        'La cobertura excluye justo la enfermedad de mi {animal}',
        'Esconden el plazo de carencia y luego niegan la cobertura',
      ],
    },
    enrolment: {
      positive: [
        'La contratación fue rápida y explicaron bien la póliza',
        'Dar de alta a nuestro {animal} llevó cinco minutos',
        'El presupuesto era claro y el alta muy sencilla',
      ],
      neutral: [
        'El alta fue bien, los documentos llegaron después por correo',
        'El presupuesto necesitó una corrección',
      ],
      negative: [
        'Me dieron de alta dos veces y cobraron las dos pólizas',
        'Para dar de baja la póliza hicieron falta {days} llamadas y volvieron a cobrar',
        'Pedí la baja y siguen cobrando en la tarjeta',
      ],
    },
  },
  openings: {
    positive: ['¡Gran empresa!', 'Muy contento hasta ahora.', 'Muy recomendable.', '¡Excelente!'],
    neutral: ['Está bien, sin más.', 'Tengo sentimientos encontrados.', 'Regular.'],
    negative: ['Pésima empresa.', '¡Ni se les ocurra!', 'Qué estafa.', 'Muy decepcionado.'],
  },
  closings: {
    positive: [
      '¡Muchas gracias!',
      'Lo recomiendo a quien tenga un {animal}.',
      '{name} está en buenas manos.',
    ],
    neutral: ['Ya veremos.', 'Por ahora tres estrellas.'],
    negative: ['Manténganse lejos.', 'Estoy buscando otra aseguradora.', 'Una estrella ya es demasiado.'],
  },
  titles: {
    positive: ['Muy buen seguro', 'Tranquilidad para todos', 'Fácil y rápido', 'Muy recomendable'],
    neutral: ['Regular', 'Está bien, sin más', 'Ni bueno ni malo'],
    negative: ['Pésimo seguro', 'Dinero tirado', 'Mucho cuidado', 'Qué decepción'],
  },
  animals: ['perro', 'gato', 'cachorro', 'gatito'],
  names: ['Bella', 'Max', 'Luna', 'Rocky', 'Nina'],
};
